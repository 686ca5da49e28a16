// What the tests of the board share: its words, and a snapshot of a small restaurant.
import { readFileSync } from "node:fs";
import { blank, take } from "../../../custom_components/carbis_alerts/board/www/snapshot.js";

const COMPONENT = "../../../custom_components/carbis_alerts";

export const NOW = Date.parse("2026-11-22T19:10:00Z");

const read = (path) => JSON.parse(readFileSync(new URL(`${COMPONENT}/${path}`, import.meta.url), "utf8"));

export const wordsIn = (language) => read(`board/www/words/${language}.json`);

/** Return what stands in for Home Assistant's localize: the component's translations. */
export function localizeIn(language) {
  const component = { carbis_alerts: read(`translations/${language}.json`) };
  return (key) => key.split(".").reduce((found, part) => found?.[part], { component });
}

export const entry = (more = {}) => ({
  entry_id: "menu",
  title: "QR menu",
  source: "qr_menu",
  has_tables: true,
  loaded: true,
  connected: true,
  last_answer: null,
  has_answer_time: true,
  overdue_after: 120,
  todo_entity_id: "todo.alerts",
  figures: { today: 0, answered: 0, answer_time: null, longest_wait: null },
  ...more,
});

export const table = (name, more = {}) => ({
  entry_id: "menu",
  device_id: `device ${name}`,
  kind: "table",
  id: name,
  name,
  ...more,
});

export const alert = (name, seconds, more = {}) => ({
  alert_id: `alert ${name}`,
  entry_id: "menu",
  device_id: `device ${name}`,
  kind: "waiter_call",
  state: "open",
  key: name,
  title: name,
  name,
  text: null,
  count: 1,
  by: null,
  opened_at: new Date(NOW - seconds * 1000).toISOString(),
  acknowledged_at: null,
  ...more,
});

export const person = (name, more = {}) => ({
  person_id: `person ${name}`,
  name,
  person_entity: null,
  on_shift: true,
  entries: ["menu"],
  ...more,
});

export const message = (lists = {}, more = {}) => ({
  type: "snapshot",
  now: new Date(NOW).toISOString(),
  may_act: true,
  edition: "edition",
  entries: [],
  places: [],
  alerts: [],
  calls: [],
  messages: [],
  people: [],
  ...lists,
  ...more,
});

const NOTHING = { entries: [], places: [], alerts: [], calls: [], messages: [], people: [] };

export const change = (lists = {}, removed = {}) =>
  message(lists, { type: "change", removed: { ...NOTHING, ...removed } });

export function snapshot(lists) {
  const made = blank();
  take(made, message({ entries: [entry()], ...lists }), NOW);
  return made;
}
