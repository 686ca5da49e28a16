// The dialog of an alert: the second choice beside the one touch.
import { build, say } from "./dom.js";
import { about } from "./kinds.js";
import { SNOOZED_FOR } from "./actions.js";
import { notWaiting, takenBy } from "./tile.js";
import { clock } from "./time.js";
import { fill } from "./words.js";

const HTML = `<dialog aria-labelledby="choices" aria-describedby="holder">
  <h2 class="title" id="choices" dir="auto"></h2><p class="by" id="holder" dir="auto"></p>
  <p class="text" dir="auto"></p>
  <button class="take" type="button"></button><button class="reopen" type="button"></button>
  <button class="close" type="button"></button><button class="snooze" type="button"></button><button class="back" type="button"></button></dialog>`;

export class Choices {
  #model = null;
  #words;
  #language;

  /** Call back with what is chosen (take, reopen, close, snooze) and the tile's model. */
  constructor(words, language, choose) {
    this.#words = words;
    this.#language = language;
    Object.assign(this, build(HTML));
    for (const choice of ["take", "reopen", "close", "snooze", "back"]) {
      say(this[choice], fill(words[choice], { n: SNOOZED_FOR }));
      this[choice].addEventListener("click", () => {
        this.element.close();
        if (choice !== "back") choose(choice, this.#model);
      });
    }
    this.element.addEventListener("click", ({ target }) => {
      if (target === this.element) this.element.close();
    });
  }

  /** Ask what to do, of whoever looks: user is their name. */
  show(model, user) {
    this.#model = model;
    say(this.title, model.name);
    say(this.by, holder(model, this.#words, this.#language));
    say(this.reopen, backWord(model.alert, user, this.#words));
    say(this.text, about(model.alert, this.#words, false));
    const isTaken = model.level === "acknowledged";
    this.reopen.hidden = !isTaken && model.level !== "snoozed";
    this.take.hidden = this.snooze.hidden = isTaken;
    if (!this.element.open) this.element.showModal();
  }
}

/** Return who has an alert, and since when, or who snoozed it until when. Pure. */
export function holder({ alert, level }, words, language) {
  if (level === "snoozed") {
    return [notWaiting(level, alert, words, language), alert.by].filter(Boolean).join(" · ");
  }
  if (alert.state !== "acknowledged") return "";
  const since = Date.parse(alert.acknowledged_at);
  return [takenBy(alert, words), since && clock(since, language)].filter(Boolean).join(" · ");
}

/** Return how to give an alert back: "not me" only for whoever has it. Pure. */
export const backWord = ({ by, state }, user, words) =>
  state === "acknowledged" && by && by === user ? words.notMe : words.reopen;
