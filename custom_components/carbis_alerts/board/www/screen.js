// Everything that is on the screen, in one language.
import { build, say, Views } from "./dom.js";
import { kindWord } from "./kinds.js";
import { CallRow, MessageRow } from "./rows.js";
import { Tile } from "./tile.js";
import { span } from "./time.js";
import { count, fill, whoWaits } from "./words.js";

/** For how long, in milliseconds, a reason stays why something was not done. */
const REASON_SHOWN = 8000;
const HTML = `<ha-card>
  <header><h1 class="title" dir="auto"></h1><span class="waiting"></span>
    <span class="figures"></span><button class="sound plain" type="button"></button></header>
  <div class="notes" role="status"></div><div class="failure" role="alert" hidden></div>
  <div class="said" aria-live="polite"></div>
  <div class="body">
    <div class="tables"><p class="empty"></p><div class="halls"></div></div>
    <div class="side"></div></div></ha-card>`;

const SECTION = `<section><h2 class="title" dir="auto"></h2><ul class="list"></ul></section>`;

/** A list under a heading: a hall, calls, messages. */
class Section {
  constructor(kind, create) {
    Object.assign(this, build(SECTION));
    this.list.classList.add(kind);
    this.views = new Views(this.list, create);
  }

  paint({ title }) {
    say(this.title, title);
  }
}

export class Screen {
  #context;
  #halls;
  #sections;
  #failed;
  #laid;

  /** Take words, language, the time, and what a touch does. */
  constructor(context) {
    const tile = () => new Tile(context);
    this.#context = context;
    Object.assign(this, build(HTML));
    this.sound.addEventListener("click", context.wake);
    this.#halls = new Views(this.halls, () => new Section("tiles", tile));
    this.#sections = {
      missed: new Section("tiles", tile),
      calls: new Section("rows", () => new CallRow(context)),
      messages: new Section("rows", () => new MessageRow(context)),
    };
    for (const [name, section] of Object.entries(this.#sections)) {
      section.element.dataset.section = name;
      section.paint({ title: context.words.sections[name] });
      this.side.append(section.element);
    }
  }

  /** Show what is laid out; only what is another is painted. */
  show(laid, { config, notes, status, isSilent }) {
    const { words, language } = this.#context;
    const isSure = status === "live" && laid.isSure;
    // What moves to another place would lose the focus of whoever types there.
    const root = this.element.getRootNode();
    const focused = root.activeElement;
    Object.assign(this.element.dataset, { size: config.size, status });
    say(this.title, config.title);
    say(this.waiting, whoWaits(laid, words, language) || (isSure && words.nothingWaits));
    this.#laid = laid;
    this.#showFigures(this.#context.now());
    say(this.sound, isSilent ? words.soundOn : "");
    say(this.notes, notes.join("\n"));
    const unnamed = laid.halls.length > 1 ? words.sections.other : words.sections.tables;
    this.#halls.show(laid.halls.map(({ key, name }) => ({ key, title: name ?? unnamed })));
    for (const { key, tiles } of laid.halls) this.#halls.get(key).views.show(tiles);
    for (const [name, { element, views }] of Object.entries(this.#sections)) {
      element.hidden = !laid[name].length;
      views.show(laid[name]);
    }
    const isEmpty = isSure && config.show.includes("tables") && !laid.hasTables;
    say(this.empty, isEmpty && (laid.hasEntries ? words.noTables : words.noEntries));
    this.tables.hidden = !laid.halls.length && !isEmpty;
    this.side.hidden = !laid.missed.length && !laid.calls.length && !laid.messages.length;
    if (root.activeElement !== focused) focused?.focus({ preventScroll: true });
  }

  /** Have a screen reader say what begins to wait. */
  announce(alerts) {
    const { words } = this.#context;
    this.said.textContent = alerts.map(({ title, kind }) => `${title}: ${kindWord(kind, words)}`).join(". ");
  }

  /** Show for a while why something was not done. */
  fail(reason) {
    clearTimeout(this.#failed);
    say(this.failure, reason);
    if (reason) this.#failed = setTimeout(() => this.fail(""), REASON_SHOWN);
  }

  /** Say how fast the answers were, never without whom nobody came to and who waits longest. */
  #showFigures(now) {
    const { words, language } = this.#context;
    const { answerTime, forgotten, longestSince } = this.#laid;
    const time = answerTime !== null && span(answerTime * 1000, words);
    const longest = time && longestSince !== null && span(Math.max(0, now - longestSince), words);
    const figures = [
      time && fill(words.answerTime, { time }),
      (time || forgotten) && count(words.forgotten, forgotten, language),
      longest && fill(words.longest, { time: longest }),
    ];
    // On a narrow screen each stays whole.
    say(this.figures, figures.filter(Boolean).map((one) => one.replaceAll(" ", "\u00a0")).join(" · "));
  }

  tick(now) {
    if (this.#laid) this.#showFigures(now);
    this.#halls.forEach(({ views }) => views.tick(now));
    this.#sections.missed.views.tick(now);
    this.#sections.calls.views.tick(now);
  }
}
