// The card's configuration: what it may hold, and the form that a person sees. Pure.
/** Where a value is one of several, or several of them. */
const CHOICES = {
  show: ["tables", "calls", "messages", "figures"],
  tables: ["all", "waiting"],
  order: ["urgency", "name"],
  size: ["small", "medium", "large"],
};
const CHOSEN = { show: CHOICES.show, tables: "all", order: "urgency", size: "medium" };
const DEFAULTS = { title: "", entries: [], areas: [], sound: false, ask_who: false, ...CHOSEN };

/** Return a whole configuration; throw an error in words where something is wrong. */
export function complete(config) {
  const whole = { ...DEFAULTS };
  for (const [name, standard] of Object.entries(DEFAULTS)) {
    const value = config[name] ?? standard;
    const allowed = CHOICES[name];
    const isKind = typeof value === typeof standard && Array.isArray(value) === Array.isArray(standard);
    if (!isKind || (allowed && ![value].flat().every((item) => allowed.includes(item)))) {
      throw new Error(`carbis-alerts-board: "${name}" is not valid. ${allowed?.join(", ") ?? ""}`);
    }
    whole[name] = value;
  }
  return whole;
}

/** Return the form of the card's editor; the entries are those that are set up. */
export function form(entries, words) {
  const select = (name, options, multiple) => {
    const mode = multiple ? "list" : "dropdown";
    return { name, selector: { select: { multiple, mode, options } } };
  };
  const choice = (name) => {
    const options = CHOICES[name].map((value) => ({ value, label: words.options[name][value] }));
    return select(name, options, Array.isArray(DEFAULTS[name]));
  };
  return {
    schema: [
      { name: "title", selector: { text: {} } },
      select("entries", entries.map((e) => ({ value: e.entry_id, label: e.title })), true),
      { name: "areas", selector: { area: { multiple: true } } },
      ...Object.keys(CHOICES).map(choice),
      { name: "sound", selector: { boolean: {} } },
      { name: "ask_who", selector: { boolean: {} } },
    ],
    computeLabel: ({ name }) => words.form[name],
    assertConfig: complete,
  };
}
