// The board: a card that shows a restaurant at a glance.
import * as actions from "./actions.js";
import { Choices } from "./choices.js";
import { complete, form } from "./config.js";
import { offerDashboard } from "./dashboard.js";
import { define } from "./dom.js";
import { kindsIn } from "./kinds.js";
import { Subscription } from "./subscription.js";
import { layOut } from "./layout.js";
import { notesOf } from "./notes.js";
import { Screen } from "./screen.js";
import { Sound } from "./sound.js";
import { levelOf } from "./urgency.js";
import { onShift, ownPerson, Who } from "./who.js";
import { loadWords } from "./words.js";

const TYPE = "carbis-alerts-board";
const CSS = new URL("board.css", import.meta.url);
// The address that this file came from is another with each version of the board.
const ASSET_VERSION = CSS.pathname.split("/").at(-2);
const RELOADED = "carbis_alerts_board";
// The time between two taps, in milliseconds, that are one impatient one.
const TWICE = 500;
const currentHass = () => document.querySelector("home-assistant")?.hass;
const languageOf = (hass) => hass?.locale?.language ?? hass?.language;

class CarbisAlertsBoard extends HTMLElement {
  static getStubConfig = () => ({ show: complete({}).show });

  static async getConfigForm() {
    const hass = currentHass();
    const words = await loadWords(languageOf(hass));
    const entries = await hass?.callWS({ type: "config_entries/get", domain: "carbis_alerts" });
    return form(entries ?? [], words);
  }

  #hass = null;
  #config = complete({});
  #subscription = null;
  #words = null;
  #screen = null;
  #choices = null;
  #who = null;
  #laid = null;
  #touched = -TWICE;
  #timer = null;
  #sound = new Sound(() => this.#show());

  getCardSize = () => 8;
  getGridOptions = () => ({ columns: "full", min_columns: 4 });
  setConfig(config) {
    this.#config = complete(config);
    this.#show();
  }

  set hass(hass) {
    const before = this.#hass;
    this.#hass = hass;
    if (before?.connection !== hass.connection) this.#follow();
    if (languageOf(before) !== languageOf(hass) || this.#isSaidOtherwise(before)) this.#speak();
    else if (before.devices !== hass.devices || before.areas !== hass.areas) this.#show();
  }

  connectedCallback() {
    this.#follow();
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#follow();
    this.#sound.end();
  }

  /** Follow the connection for as long as the card is on a page. */
  #follow() {
    this.#subscription?.stop();
    this.#subscription = null;
    if (!this.#hass || !this.isConnected) return;
    this.#subscription = new Subscription(this.#hass.connection, (begun) => this.#take(begun));
    this.#subscription.start();
  }

  /** Return whether translations came meanwhile for what waits. */
  #isSaidOtherwise({ localize }) {
    if (localize === this.#hass.localize || !this.#subscription) return false;
    const [said, says] = [kindsIn(localize), kindsIn(this.#hass.localize)];
    return [...this.#subscription.snapshot.alerts.values()].some(({ kind }) => said(kind) !== says(kind));
  }

  /** Build everything in the language of whoever looks. */
  async #speak() {
    const language = languageOf(this.#hass);
    // Where it fails, or another card waits for it too, each kind has its own name until then.
    const translated = this.#hass.loadBackendTranslation("selector", "carbis_alerts").catch(() => null);
    const [said] = await Promise.all([loadWords(language), translated]);
    if (language !== languageOf(this.#hass)) return;
    const words = { ...said, kinds: (kind) => kindsIn(this.#hass.localize)(kind) };
    const choose = (model) => this.#choose(model);
    this.#words = words;
    this.#choices = new Choices(words, language, (choice, model) =>
      choice === "take" ? this.#claim(model) : this.#act(choice, model));
    this.#who = new Who(words, (model, person) => this.#act("take", model, person));
    this.#screen = new Screen({
      words,
      language,
      choose,
      now: () => this.#subscription?.now ?? Date.now(),
      touch: (model) => this.#touch(model),
      answer: (model, text) => this.#act("answer", model, text),
      wake: this.#sound.wake,
    });
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: CSS });
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.replaceChildren(style, this.#screen.element, this.#choices.element, this.#who.element);
    this.#show();
  }

  #show() {
    if (!this.#screen || !this.#subscription) return;
    const { snapshot, status, now } = this.#subscription;
    const { devices, areas } = this.#hass;
    const config = this.#config;
    const language = languageOf(this.#hass);
    const site = { devices, areas, language, isLost: status === "lost" };
    this.#laid = layOut(snapshot, config, site, now);
    this.#screen.show(this.#laid, {
      config,
      status,
      notes: notesOf(this.#subscription, config, this.#words, language),
      isSilent: config.sound && this.#sound.isKept,
    });
  }

  #tick() {
    if (!this.#screen || !this.#subscription || !this.#laid || document.hidden) return;
    const { snapshot, now } = this.#subscription;
    const overdueAfter = (id) => snapshot.entries.get(id)?.overdue_after;
    const pressesMore = ({ alert, entryId, level }) => levelOf(alert, now, overdueAfter(entryId)) !== level;
    if (this.#laid.waiting.some(pressesMore)) this.#show();
    this.#screen.tick(now);
  }

  /** Take a change of the snapshot; let ears hear what begins to wait. */
  #take(begun) {
    if (this.#subscription.assetVersion && this.#subscription.assetVersion !== ASSET_VERSION) this.#renew();
    this.#show();
    const shown = new Set(this.#laid?.waiting.map(({ alert }) => alert.alert_id));
    const heard = begun.filter(({ alert_id }) => shown.has(alert_id));
    if (!heard.length) return;
    this.#screen.announce(heard);
    if (this.#config.sound) this.#sound.chime();
  }

  /** Load the page again, once, where the integration was updated under it. */
  async #renew() {
    const { assetVersion } = this.#subscription;
    const isWriting = this.shadowRoot?.activeElement?.value;
    if (isWriting || sessionStorage.getItem(RELOADED) === assetVersion) return;
    sessionStorage.setItem(RELOADED, assetVersion);
    // Else Home Assistant's page would come with the old address once more.
    for (const name of (await window.caches?.keys()) ?? []) await caches.delete(name);
    location.reload();
  }

  /** Take what waits, but nothing that moves under a finger which taps twice. */
  #touch(model) {
    const passed = performance.now() - this.#touched;
    this.#touched += passed;
    if (passed < TWICE) return;
    if (model.level === "acknowledged") this.#choose(model);
    else this.#claim(model);
  }

  #own = ({ entryId }) => ownPerson(this.#subscription.snapshot, entryId, this.#hass);

  #choose(model) {
    this.#choices.show(model, this.#own(model)?.name ?? this.#hass.user?.name);
  }

  /** Take what waits; where many share the screen, ask first who it is. */
  #claim(model) {
    const isAsked = this.#config.ask_who && !this.#own(model);
    const people = isAsked ? onShift(this.#subscription.snapshot, model.entryId, languageOf(this.#hass)) : [];
    if (people.length) this.#who.show(model, people);
    else this.#act("take", model);
  }

  /** Do what was touched and return whether it was done; where not, say why. */
  async #act(choice, model, more) {
    try {
      await actions[choice](this.#hass, model, more);
      this.#screen.fail("");
      return true;
    } catch (error) {
      this.#screen.fail(await actions.reason(this.#hass, error, this.#words));
      return false;
    }
  }
}

if (await define(TYPE, CarbisAlertsBoard)) {
  const { board: name, description } = await loadWords(languageOf(currentHass()) ?? navigator.language);
  (window.customCards ??= []).push({ type: TYPE, name, description, preview: true });
  offerDashboard(description);
}
