// The page of a team's people on the ready dashboard. Pure.
const PLATFORM = "carbis_alerts";
const PERSON = "person";
/** What is shown of a team and of a person, in this order. */
const OF_TEAM = ["on_shift", "nobody_on_shift", "answer_time", "unreached_today"];
const OF_PERSON = ["on_shift", "open_alerts", "answered_today", "answer_time", "reachable"];

const nameOf = ({ name_by_user, name }) => name_by_user || name || "";

/** Return a view with a section for each team and each person; none where there are no people. */
export function peopleView({ devices, entities }, language, words) {
  const own = Object.values(entities).filter(({ platform, hidden }) => platform === PLATFORM && !hidden);
  const isOurs = new Set(own.map(({ device_id }) => device_id));
  const persons = Object.values(devices).filter(({ id, model_id }) => model_id === PERSON && isOurs.has(id));
  if (!persons.length) return null;
  const { compare } = new Intl.Collator(language, { numeric: true });
  const sorted = (found) => found.sort((a, b) => compare(nameOf(a), nameOf(b)));
  const teams = [...new Set(persons.map(({ via_device_id }) => via_device_id))].map((id) => devices[id]);
  const section = (device, keys, icon) => {
    const its = own.filter(({ device_id }) => device_id === device.id);
    const found = keys.flatMap((key) => its.filter(({ translation_key }) => translation_key === key));
    const tiles = found.map(({ entity_id: entity }) => ({ type: "tile", entity, name: { type: "entity" } }));
    return { type: "grid", cards: [{ type: "heading", heading: nameOf(device), icon }, ...tiles] };
  };
  const sections = sorted(teams.filter(Boolean)).flatMap((team) => [
    section(team, OF_TEAM, "mdi:account-group"),
    ...sorted(persons.filter(({ via_device_id }) => via_device_id === team.id)).map((person) =>
      section(person, OF_PERSON, "mdi:account"),
    ),
  ]);
  return { title: words.people, icon: "mdi:account-group", path: "people", type: "sections", sections };
}
