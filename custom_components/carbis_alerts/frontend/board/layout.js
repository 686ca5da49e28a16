// What stands where: the picture as sections of tiles and rows. Pure.
import { comparison, levelOf, waits } from "./urgency.js";

/** How many conversations are shown. */
const ROWS = 6;

/** Return what a card shows of a picture, by its configuration and the house's names. */
export function layOut(picture, config, house, now) {
  const shows = (name) => config.show.includes(name);
  const isWanted = ({ entry_id }) => !config.entries.length || config.entries.includes(entry_id);
  const all = (name) => [...picture[name].values()].filter(isWanted);
  const entries = all("entries");
  const alerts = all("alerts");
  const places = all("places").filter(({ kind }) => kind === "table");
  const of = ({ entry_id }) => picture.entries.get(entry_id) ?? {};
  const model = (key, item, alert, more) => ({
    key,
    entryId: item.entry_id,
    level: levelOf(alert, now, of(item).overdue_after),
    stale: house.isLost || !of(item).connected,
    alert: alert ?? null,
    ...more,
  });
  const tile = (key, item, alert, name) => {
    const areaId = house.devices[item.device_id]?.area_id ?? null;
    return model(key, item, alert, { name, areaId });
  };
  const own = (alert) => tile(alert.alert_id, alert, alert, alert.title);

  const calling = new Map(alerts.filter(isOf("waiter_call")).map((a) => [a.device_id, a]));
  const tables = places.map((place) => {
    const { device_id: id } = place;
    const device = house.devices[id];
    const name = device?.name_by_user || device?.name || place.name || place.id;
    const alert = calling.get(id);
    calling.delete(id);
    return tile(id, place, alert, name);
  });
  // What calls has a tile even where it has no table.
  tables.push(...[...calling.values()].map(own));
  const isShown = ({ level, areaId }) =>
    (config.tables === "all" || level !== "quiet") &&
    (!config.areas.length || config.areas.includes(areaId));
  const order = comparison(config.order, house.language);
  return {
    halls: shows("tables") ? halls(tables.filter(isShown).sort(order), house, config.order) : [],
    missed: alerts.filter(isOf("missed_call", !shows("messages") && "message")).map(own).sort(order),
    calls: shows("calls") ? all("calls").map((call) => callRow(call, house, model)) : [],
    messages: shows("messages") ? conversations(all("messages"), alerts, model) : [],
    hasEntries: entries.length > 0,
    hasTables: tables.length > 0,
    waiting: alerts.filter(({ state }) => state === "open").length,
    answerTime: shows("figures") ? answerTime(entries) : null,
  };
}

const isOf = (...kinds) => ({ kind }) => kinds.includes(kind);
const keyOf = ({ entry_id }, chat) => `${entry_id} ${chat}`;

/** Group tiles by Home Assistant's areas: where somebody waits, then by their names. */
function halls(tiles, { areas, language }, order) {
  const found = new Map();
  for (const tile of tiles) {
    const key = areas[tile.areaId] ? tile.areaId : "";
    if (!found.has(key)) found.set(key, { key, name: areas[key]?.name ?? null, tiles: [] });
    found.get(key).tiles.push(tile);
  }
  const names = new Intl.Collator(language, { numeric: true });
  // The first tile tells, as the tiles are in their order.
  const presses = ({ tiles: [first] }) => order === "urgency" && waits(first.level);
  return [...found.values()].sort((a, b) =>
    presses(b) - presses(a) || !a.key - !b.key || names.compare(a.name ?? "", b.name ?? ""),
  );
}

function callRow(call, { devices }, model) {
  const device = call.extension && devices[call.device_id];
  return model(`${call.entry_id} ${call.call_id}`, call, null, {
    state: call.state,
    name: call.caller_name || call.caller,
    number: call.caller_name && call.caller,
    vip: call.vip,
    at: device ? device.name_by_user || device.name : call.extension,
    since: call.since,
  });
}

/** Return the last message of each chat, what waits for an answer first. */
function conversations(messages, alerts, model) {
  const waiting = new Map(alerts.filter(isOf("message")).map((a) => [keyOf(a, a.key), a]));
  const rows = new Map();
  for (const message of messages) {
    const key = keyOf(message, message.chat_id ?? message.sender);
    const isOurs = message.type === "message_sent";
    const before = rows.get(key);
    const name = isOurs ? before?.name : message.sender_name || message.sender;
    const alert = waiting.get(key);
    rows.delete(key);
    rows.set(key, model(key, message, alert, {
      isOurs,
      chatId: message.chat_id,
      name: alert?.title || name || message.chat_id?.split("@")[0] || null,
      text: message.text,
      since: message.time,
    }));
  }
  return [...rows.values()]
    .sort((a, b) => waits(b.level) - waits(a.level) || Date.parse(b.since) - Date.parse(a.since))
    .slice(0, ROWS);
}

/** Return the mean time, in seconds, until somebody came today. */
function answerTime(entries) {
  const menus = entries.filter(({ source, figures }) => source === "qr_menu" && figures.answered);
  const sum = (read) => menus.reduce((total, { figures }) => total + read(figures), 0);
  return menus.length ? sum((f) => f.answered * f.answer_time) / sum((f) => f.answered) : null;
}
