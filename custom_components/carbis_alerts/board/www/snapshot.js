// What is known: the snapshot that Home Assistant sends, and its changes.
const KEYS = {
  entries: (entry) => entry.entry_id,
  places: (place) => place.device_id,
  alerts: (alert) => alert.alert_id,
  calls: (call) => `${call.entry_id} ${call.call_id}`,
  messages: (message) => `${message.entry_id} ${message.event_id}`,
  people: (person) => person.person_id,
};

/** Return an empty snapshot. */
export function blank() {
  const lists = Object.keys(KEYS).map((name) => [name, new Map()]);
  return { mayAct: true, ahead: 0, ...Object.fromEntries(lists) };
}

const isAwake = (before, item) => before.snoozed_until && !item.snoozed_until;

/** Take a message into a snapshot; return the alerts that began to wait with it. */
export function take(snapshot, message, now) {
  const isChange = message.type === "change";
  const isFirst = !snapshot.entries.size;
  const begun = [];
  snapshot.mayAct = message.may_act;
  // By how much Home Assistant's clock is ahead of this one.
  snapshot.ahead = Date.parse(message.now) - now;
  for (const [name, keyOf] of Object.entries(KEYS)) {
    const known = snapshot[name];
    const old = new Map(known);
    // Of an entry that does not run nothing newer is known.
    for (const [key, { entry_id }] of isChange ? [] : old) {
      if (snapshot.entries.get(entry_id)?.loaded !== false) known.delete(key);
    }
    for (const item of message[name] ?? []) {
      const key = keyOf(item);
      const before = old.get(key);
      const isMore = before?.state !== "open" || before.count < item.count || isAwake(before, item);
      if (name === "alerts" && !isFirst && item.state === "open" && isMore) begun.push(item);
      if (item.state === "closed") known.delete(key);
      else known.set(key, item);
    }
    for (const gone of message.removed?.[name] ?? []) known.delete(gone.call_id ? keyOf(gone) : gone);
    for (const [key, item] of known) {
      if (message.removed?.entries.includes(item.entry_id)) known.delete(key);
    }
  }
  // As many as Home Assistant keeps.
  const old = [...snapshot.messages.keys()].slice(0, -50 * Math.max(1, snapshot.entries.size));
  for (const key of old) snapshot.messages.delete(key);
  return begun;
}
