// What stands where: the snapshot as sections of tiles and rows. Pure.
import { comparison, levelOf, pressure, waits } from "./urgency.js";

/** How many conversations are shown. */
const ROWS = 6;

/** Return what a card shows of a snapshot, by its configuration and the site's names. */
export function layOut(snapshot, config, site, now) {
  const shows = (name) => config.show.includes(name);
  const isWanted = ({ entry_id }) => !config.entries.length || config.entries.includes(entry_id);
  const all = (name) => [...snapshot[name].values()].filter(isWanted);
  const entries = all("entries");
  const alerts = all("alerts");
  const devices = all("places");
  const of = ({ entry_id }) => snapshot.entries.get(entry_id) ?? {};
  const model = (key, item, alert, more) => ({
    key,
    entryId: item.entry_id,
    level: levelOf(alert, now, of(item).overdue_after),
    stale: site.isLost || !of(item).connected,
    alert: alert ?? null,
    ...more,
  });
  // A tile shows what presses most; the others of its table are lines below it.
  const tile = (key, item, its, name) => {
    const areaId = site.devices[item.device_id]?.area_id ?? null;
    const [first, ...others] = its.map((alert) => model(alert.alert_id, item, alert, { name })).sort(pressure);
    return { ...(first ?? model(key, item)), key, name, areaId, others };
  };
  const own = (alert) => tile(alert.alert_id, alert, [alert], alert.name);

  const byDevice = new Map(alerts.map(({ device_id }) => [device_id, []]));
  for (const alert of alerts) byDevice.get(alert.device_id).push(alert);
  const tables = devices.filter(isOf("table")).map((device) => {
    const { device_id: id } = device;
    const name = nameOf(site.devices[id]) || device.name;
    return tile(id, device, byDevice.get(id) ?? [], name);
  });
  // What waits where there are tables has a tile even where it has no table.
  const known = new Set(tables.map(({ key }) => key));
  const apart = alerts.filter(({ device_id }) => !known.has(device_id));
  const messages = shows("messages") ? conversations(all("messages"), apart, devices, site, model) : [];
  const inRows = new Set(messages.map(({ alert }) => alert?.alert_id));
  const lone = apart.filter(({ alert_id }) => !inRows.has(alert_id));
  tables.push(...lone.filter((alert) => of(alert).has_tables).map(own));
  const isShown = ({ level, areaId }) =>
    (config.tables === "all" || level !== "quiet") &&
    (!config.areas.length || config.areas.includes(areaId));
  const order = comparison(config.order, site.language);
  const shown = shows("tables") ? tables.filter(isShown).sort(order) : [];
  const missed = lone.filter((alert) => !of(alert).has_tables).map(own).sort(order);
  const lines = shows("calls") ? all("calls").map((call) => callRow(call, site, model)) : [];
  const everything = [...shown, ...missed, ...messages].flatMap((one) => [one, ...(one.others ?? [])]);
  return {
    ...{ halls: halls(shown, site, config.order), missed, calls: lines, messages },
    ...{ hasEntries: entries.length > 0, hasTables: tables.length > 0 },
    isSure: entries.every(({ connected }) => connected),
    ...waitingOf(everything),
    answerTime: shows("figures") ? answerTime(entries) : null,
    forgotten: shows("figures") ? forgotten(entries) : 0,
  };
}

/** Return what waits, how much is snoozed, and since when, in milliseconds, the oldest of both waits. */
function waitingOf(everything) {
  const waiting = everything.filter(({ level }) => waits(level));
  const snoozed = everything.filter(({ level }) => level === "snoozed");
  const since = [...waiting, ...snoozed].map(({ alert }) => Date.parse(alert.opened_at));
  return { waiting, snoozed: snoozed.length, longestSince: since.length ? Math.min(...since) : null };
}

const isOf = (...kinds) => ({ kind }) => kinds.includes(kind);
const keyOf = ({ entry_id }, chat) => `${entry_id} ${chat}`;
const nameOf = (device) => device?.name_by_user || device?.name;

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
    name: call.name,
    number: call.caller_name && call.caller,
    vip: call.vip,
    at: nameOf(device) || call.extension,
    since: call.since,
  });
}

/** Return the last message of each chat, what waits for an answer first. */
function conversations(messages, alerts, devices, site, model) {
  const nameOfChat = (p) => nameOf(site.devices[p.device_id]) || p.name;
  const chats = new Map(devices.filter(isOf("chat")).map((p) => [keyOf(p, p.id), nameOfChat(p)]));
  const waiting = new Map(alerts.filter(isOf("message")).map((a) => [keyOf(a, a.key), a]));
  const rows = new Map();
  for (const message of messages) {
    const key = keyOf(message, message.chat_id ?? message.sender);
    const isOurs = message.type === "message_sent";
    const alert = waiting.get(key);
    const person = alert?.name || (isOurs && rows.get(key)?.name) || message.name;
    rows.delete(key);
    rows.set(key, model(key, message, alert, {
      isOurs,
      chatId: message.chat_id,
      name: chats.get(key) || person,
      text: message.is_group && !isOurs && message.text ? `${message.writer}: ${message.text}` : message.text,
      since: message.time,
    }));
  }
  return [...rows.values()].reverse()
    .sort((a, b) => waits(b.level) - waits(a.level) || Date.parse(b.since) - Date.parse(a.since))
    .slice(0, ROWS);
}

/** Return how many nobody came to today. */
const forgotten = (entries) =>
  entries.reduce((total, { figures }) => total + (figures.forgotten ?? 0), 0);

/** Return the mean time, in seconds, until somebody came today. */
function answerTime(entries) {
  const known = entries.filter((entry) => entry.has_answer_time && entry.figures.answered);
  // An answer by a message takes as long as it may; beside tables it is none.
  const tables = known.filter((entry) => entry.has_tables);
  const counted = tables.length ? tables : known;
  const sum = (read) => counted.reduce((total, { figures }) => total + read(figures), 0);
  return counted.length ? sum((f) => f.answered * f.answer_time) / sum((f) => f.answered) : null;
}
