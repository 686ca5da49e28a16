// A ready dashboard: one of those that Home Assistant offers for a new one.
import { define } from "./dom.js";

const TYPE = "carbis-alerts";
const TAG = `ll-strategy-dashboard-${TYPE}`;
const TITLE = "Carbis Alerts";

class CarbisAlertsDashboard extends HTMLElement {
  static async generate({ type, ...options }) {
    const cards = [{ ...options, type: "custom:carbis-alerts-board" }];
    const view = { title: TITLE, icon: "mdi:silverware-fork-knife", path: "board", type: "panel" };
    return { title: TITLE, views: [{ ...view, cards }] };
  }
}

// Home Assistant waits for it, but not for long.
define(TAG, CarbisAlertsDashboard);

export function offerDashboard(description) {
  const offer = { type: TYPE, strategyType: "dashboard", name: TITLE, description };
  (window.customStrategies ??= []).push(offer);
}
