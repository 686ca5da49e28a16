// A tile: a table, or a call to return; what waits there, for how long, who has it.
import { build, say, Views } from "./dom.js";
import { about, kindWord } from "./kinds.js";
import { clock, span, spoken } from "./time.js";
import { fill } from "./words.js";
const WAITING = { open: "bell", soon: "bell-ring", overdue: "alert" };
const ICONS = { quiet: "circle-outline", acknowledged: "check-bold", snoozed: "bell-sleep", ...WAITING };

const HTML = `<li class="tile">
  <button class="main" type="button">
    <span class="head"><ha-icon class="icon"></ha-icon><span class="name" dir="auto"></span></span>
    <span class="wait"><span class="age"></span> <span class="count"></span></span>
    <span class="text" dir="auto"></span><span class="by" dir="auto"></span>
  </button>
  <button class="more" type="button" aria-haspopup="dialog">
    <ha-icon icon="mdi:dots-vertical"></ha-icon>
  </button><ul class="others"></ul></li>`;

const LINE = `<li><button class="line" type="button" aria-haspopup="dialog"><ha-icon class="icon"></ha-icon>
  <span class="text" dir="auto"></span><span class="count"></span><span class="age"></span></button></li>`;

const waited = ({ acknowledged_at, opened_at }, now) =>
  (Date.parse(acknowledged_at ?? "") || now) - Date.parse(opened_at);
const times = ({ count }, words) => (count > 1 ? fill(words.times, { n: count }) : "");

/** Another alert of a table; a touch opens its choices. */
class Line {
  #context;

  constructor(context) {
    this.#context = context;
    Object.assign(this, build(LINE));
    this.line.addEventListener("click", () => context.choose(this.model));
  }

  paint({ level, alert }) {
    const { words, now } = this.#context;
    this.icon.setAttribute("icon", `mdi:${ICONS[level]}`);
    const what = about(alert, words, false);
    say(this.text, what);
    const label = [this.model.name, what, words.levels[level], alert.by];
    this.line.setAttribute("aria-label", label.filter(Boolean).join(", "));
    say(this.count, times(alert, words));
    this.tick(now());
  }

  tick(now) {
    const { alert } = this.model;
    say(this.age, span(waited(alert, now), this.#context.words));
  }
}

export class Tile {
  #context;
  #said = null;

  constructor(context) {
    this.#context = context;
    Object.assign(this, build(HTML));
    this.main.addEventListener("click", () => context.touch(this.model));
    this.more.addEventListener("click", () => context.choose(this.model));
    this.lines = new Views(this.others, () => new Line(context));
  }

  paint({ name, level, alert, others }) {
    const { words, now, language } = this.#context;
    const isQuiet = level === "quiet";
    this.icon.setAttribute("icon", `mdi:${ICONS[level]}`);
    say(this.name, name);
    say(this.count, alert && times(alert, words));
    say(this.text, alert && about(alert, words, !others.length));
    say(this.by, notWaiting(level, alert, words, language));
    this.main.disabled = this.more.hidden = isQuiet;
    this.more.setAttribute("aria-label", fill(words.more, { name }));
    this.#said = null;
    if (isQuiet) say(this.age, "");
    this.others.hidden = !others.length;
    this.lines.show(others);
    this.tick(now());
  }

  tick(now) {
    const { words, language } = this.#context;
    const { name, level, alert } = this.model;
    this.lines.tick(now);
    const passed = alert && waited(alert, now);
    if (alert) say(this.age, span(passed, words));
    const said = alert ? spoken(passed, words, language) : "";
    if (said === this.#said) return;
    this.#said = said;
    const kind = alert && kindWord(alert.kind, words);
    const label = [name, kind, words.levels[level], said, alert?.by];
    this.main.setAttribute("aria-label", label.filter(Boolean).join(", "));
  }
}

/** Return why an alert does not press: who has it, or until when it is snoozed. Pure. */
export function notWaiting(level, alert, words, language) {
  if (level === "acknowledged") return takenBy(alert, words);
  const until = level === "snoozed" && clock(Date.parse(alert.snoozed_until), language);
  return until ? fill(words.snoozedUntil, { time: until }) : "";
}

/** Return who has an alert. */
export const takenBy = ({ by }, words) => (by ? fill(words.takenBy, { name: by }) : words.taken);
