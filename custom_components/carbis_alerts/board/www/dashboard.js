// A ready dashboard: one of those that Home Assistant offers for a new one.
import { define } from "./dom.js";
import { peopleView } from "./people.js";
import { loadWords } from "./words.js";

const TYPE = "carbis-alerts";
const TAG = `ll-strategy-dashboard-${TYPE}`;
const TITLE = "Carbis Alerts";

class CarbisAlertsDashboard extends HTMLElement {
  static async generate({ type, ...options }, hass) {
    const cards = [{ ...options, type: "custom:carbis-alerts-board" }];
    const board = { title: TITLE, icon: "mdi:silverware-fork-knife", path: "board", type: "panel", cards };
    const language = hass.locale?.language ?? hass.language;
    const people = peopleView(hass, language, await loadWords(language));
    return { title: TITLE, views: [board, people].filter(Boolean) };
  }
}

// Home Assistant waits for it, but not for long.
define(TAG, CarbisAlertsDashboard);

export function offerDashboard(description) {
  const offer = { type: TYPE, strategyType: "dashboard", name: TITLE, description };
  (window.customStrategies ??= []).push(offer);
}
