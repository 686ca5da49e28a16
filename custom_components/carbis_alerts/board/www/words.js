// What the board says, in the language of whoever looks.
const LANGUAGES = ["en", "ru"];
const loading = new Map();

/** Return the words of a language, English where there are none of it. */
export function loadWords(language) {
  const code = LANGUAGES.find((known) => language?.startsWith(known)) ?? "en";
  if (!loading.has(code)) {
    const answer = fetch(new URL(`words/${code}.json`, import.meta.url));
    loading.set(code, answer.then((words) => words.json()));
    // Without a connection now, the next try is a new one.
    loading.get(code).catch(() => loading.delete(code));
  }
  return loading.get(code);
}

/** Put values in the places of a sentence. */
export const fill = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** Put a number into the form that a language has for it. */
export function count(forms, n, language) {
  return fill(forms[new Intl.PluralRules(language).select(n)] ?? forms.other, { n });
}

/** Return how many wait; whoever is snoozed is not nobody. Pure. */
export function whoWaits({ waiting: { length }, snoozed }, words, language) {
  const parts = [length && count(words.waits, length, language), snoozed && fill(words.snoozed, { n: snoozed })];
  return parts.filter(Boolean).join(" · ");
}
