// What an alert is about, in words; a kind without words of ours is not left out. Pure.
const OPTIONS = "component.carbis_alerts.selector.alert_kind.options";

/** Return what says a kind in Home Assistant's translations; nothing where there is none. */
export const kindsIn = (localize) => (kind) => localize(`${OPTIONS}.${kind}`) || "";

/** Return the word of a kind; of one that is not known, its own name. */
export function kindWord(kind, { kinds }) {
  const name = String(kind ?? "").replaceAll("_", " ");
  return kinds(kind) || name.charAt(0).toUpperCase() + name.slice(1);
}

/** Return what an alert is about: its text, with the kind where that does not go without saying. */
export function about({ kind, text }, words, isAlone) {
  if (text && isAlone && words.kinds(kind)) return text;
  return [kindWord(kind, words), text].filter(Boolean).join(": ");
}
