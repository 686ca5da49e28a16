// Rows of the lists: a call in progress, a conversation with its answer field.
import { build, say } from "./dom.js";
import { notWaiting } from "./tile.js";
import { clock, span } from "./time.js";
import { fill } from "./words.js";

const ICONS = { ringing: "phone-ring", dialing: "phone-outgoing", talking: "phone-in-talk" };

const CALL = `<li class="row call">
  <ha-icon class="icon"></ha-icon><span class="name" dir="auto"></span><span class="vip"></span>
  <span class="text" dir="auto"></span><span class="age"></span></li>`;

const MESSAGE = `<li class="row message">
  <div class="head"><ha-icon icon="mdi:message-text"></ha-icon><span class="name" dir="auto"></span>
    <span class="age"></span><button class="take plain" type="button"></button></div>
  <span class="text" dir="auto"></span><span class="by" dir="auto"></span>
  <form class="form"><input class="field" maxlength="20000" enterkeyhint="send">
    <button class="send plain"></button></form></li>`;

export class CallRow {
  #context;
  constructor(context) {
    this.#context = context;
    Object.assign(this, build(CALL));
  }

  paint({ name, number, state, vip, at }) {
    const { words, now } = this.#context;
    this.element.dataset.state = state;
    this.icon.setAttribute("icon", `mdi:${ICONS[state]}`);
    say(this.name, name);
    say(this.vip, vip && words.vip);
    say(this.text, [number, words.states[state], at && `→ ${at}`].filter(Boolean).join(" "));
    this.tick(now());
  }

  tick(now) {
    say(this.age, span(now - Date.parse(this.model.since), this.#context.words));
  }
}

export class MessageRow {
  #context;
  constructor(context) {
    this.#context = context;
    Object.assign(this, build(MESSAGE));
    say(this.send, context.words.send);
    this.field.placeholder = context.words.answer;
    this.take.addEventListener("click", () => context.touch(this.model));
    this.form.addEventListener("submit", (event) => this.#answer(event));
  }

  paint({ name, text, isOurs, since, level, alert, chatId }) {
    const { words, language } = this.#context;
    const isTaken = level === "acknowledged";
    say(this.name, name);
    say(this.age, clock(Date.parse(since), language));
    say(this.text, fill(isOurs ? words.you : "{text}", { text: text || words.noText }));
    say(this.by, notWaiting(level, alert, words, language));
    say(this.take, alert && (isTaken ? "⋮" : words.take));
    this.take.setAttribute("aria-label", isTaken ? fill(words.more, { name }) : words.take);
    this.form.hidden = !chatId;
    this.field.setAttribute("aria-label", fill(words.answerTo, { name }));
  }

  /** Send what was written; where that fails it stays in the field. */
  async #answer(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text || this.send.disabled) return;
    this.send.disabled = true;
    const isSent = await this.#context.answer(this.model, text);
    if (isSent && this.field.value.trim() === text) this.field.value = "";
    this.send.disabled = false;
  }
}
