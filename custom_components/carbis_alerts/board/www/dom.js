// Elements made and kept: a list on the screen follows a list of data.
/** Define an element where it is not yet; return whether it is new. */
export async function define(tag, element) {
  // Home Assistant's app brings a registry of its own, which knows nothing of what came before it.
  await customElements.whenDefined("home-assistant");
  const isNew = !customElements.get(tag);
  if (isNew) customElements.define(tag, element);
  return isNew;
}

/** Make what HTML of ours describes; return the element and its parts by their classes. */
export function build(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const element = template.content.firstElementChild;
  const parts = { element };
  for (const part of element.querySelectorAll("[class]")) parts[part.classList[0]] = part;
  return parts;
}

/** Set what an element says, as text whatever it holds; gone where it says nothing. */
export function say(element, text) {
  const wanted = text || "";
  if (element.textContent !== wanted) element.textContent = wanted;
  element.hidden = !wanted;
}

/** The views of a list of models, each kept for as long as its model's key is there. */
export class Views {
  #parent;
  #create;
  #views = new Map();

  constructor(parent, create) {
    this.#parent = parent;
    this.#create = create;
  }

  /** Show models in their order; a view is painted only where its model is another. */
  show(models) {
    const keys = new Set(models.map(({ key }) => key));
    for (const [key, { element }] of this.#views) {
      if (keys.has(key)) continue;
      this.#views.delete(key);
      element.remove();
    }
    let place = this.#parent.firstElementChild;
    for (const model of models) {
      const { key } = model;
      if (!this.#views.has(key)) this.#views.set(key, this.#create());
      const view = this.#views.get(key);
      this.#paint(view, model);
      if (view.element === place) place = place.nextElementSibling;
      else this.#parent.insertBefore(view.element, place);
    }
  }

  #paint(view, model) {
    const { dataset, classList } = view.element;
    const shown = JSON.stringify(model);
    if (view.shown === shown) return;
    view.shown = shown;
    view.model = model;
    dataset.key = model.key;
    if (model.level) dataset.level = model.level;
    dataset.painted = Number(dataset.painted ?? 0) + 1;
    classList.toggle("stale", !!model.stale);
    view.paint(model);
  }

  get = (key) => this.#views.get(key);
  forEach = (act) => this.#views.forEach((view) => act(view));
  tick = (now) => this.forEach((view) => view.tick(now));
}
