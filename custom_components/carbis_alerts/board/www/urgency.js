// How much something presses, and what comes first. Pure.
/** The part of the time until overdue after which an alert presses. */
const SOON = 0.5;
/** Return how much an alert presses; now is in milliseconds, overdueAfter in seconds. */
export function levelOf(alert, now, overdueAfter) {
  if (!alert) return "quiet";
  if (alert.state === "acknowledged") return "acknowledged";
  if (Date.parse(alert.snoozed_until) > now) return "snoozed";
  const age = (now - Date.parse(alert.opened_at)) / 1000;
  if (!overdueAfter || age < overdueAfter * SOON) return "open";
  return age < overdueAfter ? "soon" : "overdue";
}

/** Return whether somebody should come. */
export const waits = (level) => ["open", "soon", "overdue"].includes(level);

/** Compare alerts of one table: by level, then whoever has waited longest. */
export function pressure(a, b) {
  const levels = ["overdue", "soon", "open", "snoozed", "acknowledged"];
  const opened = ({ alert }) => Date.parse(alert.opened_at);
  return levels.indexOf(a.level) - levels.indexOf(b.level) || opened(a) - opened(b);
}

/** Return a comparison of tiles: by urgency, the oldest first, else by name. */
export function comparison(order, language) {
  const names = new Intl.Collator(language, { numeric: true });
  const byName = (a, b) => names.compare(a.name, b.name) || (a.key < b.key ? -1 : 1);
  if (order === "name") return byName;
  const rank = ({ level }) => (waits(level) ? 2 : level === "quiet" ? 0 : 1);
  const opened = ({ alert }) => Date.parse(alert.opened_at);
  // Of those who wait, whoever has waited longest comes first.
  const byAge = (a, b) => (rank(a) === 2 ? opened(a) - opened(b) : 0);
  return (a, b) => rank(b) - rank(a) || byAge(a, b) || byName(a, b);
}
