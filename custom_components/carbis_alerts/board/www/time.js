// How long something waits, for eyes and for ears.
import { count, fill } from "./words.js";

/** Return a span of milliseconds as it stands on a tile: 0:07, 12:05, 1 h 05 min. */
export function span(ms, words) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  return fill(words.hoursMinutes, { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/** Return a span as a screen reader says it; it changes once a minute. */
export function spoken(ms, words, language) {
  const minutes = Math.max(0, Math.floor(ms / 60000));
  if (minutes < 1) return words.underMinute;
  if (minutes < 60) return count(words.minutes, minutes, language);
  return span(ms, words);
}

/** Return a time of day. */
export const clock = (ms, language) =>
  new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(ms);
