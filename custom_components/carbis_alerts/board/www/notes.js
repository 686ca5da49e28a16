// What cannot be trusted now, and since when. Pure.
import { clock } from "./time.js";
import { fill } from "./words.js";

/** Return sentences about connections and rights, the most important first. */
export function notesOf({ snapshot, status, knownAt }, config, words, language) {
  const since = (time) => ({ time: clock(time, language) });
  if (status === "missing" || status === "refused") return [words[status]];
  if (status === "lost") return [fill(words.lost, since(knownAt ?? Date.now()))];
  if (status !== "live") return [];
  const isWanted = (id) => !config.entries.length || config.entries.includes(id);
  const notes = [...snapshot.entries.values()]
    .filter(({ entry_id, connected }) => isWanted(entry_id) && !connected)
    .map(({ loaded, title, last_answer }) =>
      loaded && last_answer
        ? fill(words.away, { title, ...since(Date.parse(last_answer) - snapshot.ahead) })
        : fill(words.unloaded, { title }),
    );
  if (config.entries.some((id) => !snapshot.entries.has(id))) notes.push(words.unknownEntry);
  if (!snapshot.mayAct) notes.push(words.noRight);
  return notes;
}
