// The dialog of an alert: the second choice beside the one touch.
import { build, say } from "./dom.js";

const HTML = `<dialog aria-labelledby="choices">
  <h2 class="title" id="choices" dir="auto"></h2><p class="text" dir="auto"></p>
  <button class="take" type="button"></button><button class="reopen" type="button"></button>
  <button class="close" type="button"></button><button class="back" type="button"></button></dialog>`;

export class Choices {
  #model = null;

  /** Call back with what is chosen (take, reopen, close) and the tile's model. */
  constructor(words, choose) {
    Object.assign(this, build(HTML));
    for (const choice of ["take", "reopen", "close", "back"]) {
      say(this[choice], words[choice]);
      this[choice].addEventListener("click", () => {
        this.element.close();
        if (choice !== "back") choose(choice, this.#model);
      });
    }
    this.element.addEventListener("click", ({ target }) => {
      if (target === this.element) this.element.close();
    });
  }

  show(model) {
    this.#model = model;
    say(this.title, model.name);
    say(this.text, model.alert.text);
    this.reopen.hidden = model.level !== "acknowledged";
    this.take.hidden = !this.reopen.hidden;
    if (!this.element.open) this.element.showModal();
  }
}
