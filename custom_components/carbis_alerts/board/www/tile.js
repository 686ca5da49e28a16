// A tile: a table, or a call to return; what waits there, for how long, who has it.
import { build, say } from "./dom.js";
import { span, spoken } from "./time.js";
import { fill } from "./words.js";
const WAITING = { open: "bell", soon: "bell-ring", overdue: "alert" };
const ICONS = { quiet: "circle-outline", acknowledged: "check-bold", ...WAITING };

const HTML = `<li class="tile">
  <button class="main" type="button">
    <span class="head"><ha-icon class="icon"></ha-icon><span class="name" dir="auto"></span></span>
    <span class="wait"><span class="age"></span> <span class="count"></span></span>
    <span class="text" dir="auto"></span><span class="by" dir="auto"></span>
  </button>
  <button class="more" type="button" aria-haspopup="dialog">
    <ha-icon icon="mdi:dots-vertical"></ha-icon>
  </button></li>`;

export class Tile {
  #context;
  #said = null;

  constructor(context) {
    this.#context = context;
    Object.assign(this, build(HTML));
    this.main.addEventListener("click", () => context.touch(this.model));
    this.more.addEventListener("click", () => context.choose(this.model));
  }

  paint({ name, level, alert }) {
    const { words, now } = this.#context;
    const isQuiet = level === "quiet";
    this.icon.setAttribute("icon", `mdi:${ICONS[level]}`);
    say(this.name, name || words.anonymous);
    say(this.count, alert?.count > 1 ? fill(words.times, { n: alert.count }) : "");
    say(this.text, alert && (alert.text || words.kinds[alert.kind]));
    say(this.by, level === "acknowledged" ? takenBy(alert, words) : "");
    this.main.disabled = this.more.hidden = isQuiet;
    this.more.setAttribute("aria-label", fill(words.more, { name }));
    this.#said = null;
    if (isQuiet) say(this.age, "");
    this.tick(now());
  }

  tick(now) {
    const { words, language } = this.#context;
    const { name, level, alert } = this.model;
    const until = Date.parse(alert?.acknowledged_at ?? "") || now;
    const waited = alert && until - Date.parse(alert.opened_at);
    if (alert) say(this.age, span(waited, words));
    const said = alert ? spoken(waited, words, language) : "";
    if (said === this.#said) return;
    this.#said = said;
    const label = [name || words.anonymous, words.kinds[alert?.kind], words.levels[level], said, alert?.by];
    this.main.setAttribute("aria-label", label.filter(Boolean).join(", "));
  }
}

/** Return who has an alert. */
export const takenBy = ({ by }, words) => (by ? fill(words.takenBy, { name: by }) : words.taken);
