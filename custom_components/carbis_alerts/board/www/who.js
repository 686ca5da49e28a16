// Who has it: on a screen that many share, one more touch says which of those on shift.
import { build, say, Views } from "./dom.js";
import { fill } from "./words.js";

const HTML = `<dialog class="who" aria-labelledby="who">
  <h2 class="title" id="who" dir="auto"></h2><ul class="people"></ul>
  <button class="other" type="button"></button><button class="back" type="button"></button></dialog>`;
const PERSON = `<li><button class="pick" type="button" dir="auto"></button></li>`;

const ofEntry = ({ people }, entryId) => [...people.values()].filter(({ entries }) => entries.includes(entryId));

/** Return those on shift who may have what waits at an entry, by name. Pure. */
export function onShift(snapshot, entryId, language) {
  const { compare } = new Intl.Collator(language, { numeric: true });
  return ofEntry(snapshot, entryId)
    .filter(({ on_shift }) => on_shift)
    .sort((a, b) => compare(a.name, b.name));
}

/** Return whom of an entry's team a user is, by Home Assistant's person. Pure. */
export const ownPerson = (snapshot, entryId, { user, states }) =>
  ofEntry(snapshot, entryId).find(
    ({ person_entity }) => user && states?.[person_entity]?.attributes.user_id === user.id,
  );

export class Who {
  #model = null;
  #words;

  /** Call back with the tile's model and the id of whoever has it, none of somebody else. */
  constructor(words, choose) {
    this.#words = words;
    Object.assign(this, build(HTML));
    const taken = (id) => {
      this.element.close();
      choose(this.#model, id);
    };
    this.names = new Views(this.people, () => new Person(taken));
    say(this.other, words.somebodyElse);
    say(this.back, words.back);
    this.other.addEventListener("click", () => taken(null));
    this.back.addEventListener("click", () => this.element.close());
    this.element.addEventListener("click", ({ target }) => {
      if (target === this.element) this.element.close();
    });
  }

  /** Ask who of these people has it. */
  show(model, people) {
    this.#model = model;
    say(this.title, fill(this.#words.who, { name: model.name }));
    this.names.show(people.map(({ person_id, name }) => ({ key: person_id, name })));
    if (!this.element.open) this.element.showModal();
  }
}

class Person {
  constructor(choose) {
    Object.assign(this, build(PERSON));
    this.pick.addEventListener("click", () => choose(this.model.key));
  }

  paint({ name }) {
    say(this.pick, name);
  }
}
