import { element, post } from "./page.js";
import { span, translate, word } from "./words.js";

const SHOWN_REQUESTS = 20;
const FLAGS = ["refuse", "reset", "half_open", "garbage", "empty", "no_content"];
const NUMBERS = ["delay", "cut", "body_size", "times"];

// The cards that every service has: its requests and its faults.
export class Cards {
  #service;
  #column;
  #parts = {};
  #faults = {};

  constructor(part) {
    this.#service = part.dataset.service;
    this.#column = part.dataset.requests;
    for (const place of part.querySelectorAll("[data-card]")) this.#build(place, place.dataset.card);
    const { faults, clear } = this.#parts;
    faults.addEventListener("change", () => this.#send());
    faults.addEventListener("submit", (event) => event.preventDefault());
    clear.addEventListener("click", () => post("faults", { [this.#service]: null }));
  }

  show(state) {
    this.#showRequests(state);
    this.#showFaults(state);
  }

  #build(place, name) {
    const card = document.getElementById(`${name}-card`).content.firstElementChild.cloneNode(true);
    translate(card);
    const title = card.querySelector("[data-title]");
    title.id = `${this.#service}-${name}-title`;
    for (const titled of [card, ...card.querySelectorAll("[data-titled]")]) titled.setAttribute("aria-labelledby", title.id);
    for (const found of card.querySelectorAll("[data-part]")) this.#parts[found.dataset.part] = found;
    for (const found of card.querySelectorAll("[data-for]")) found.hidden = found.dataset.for !== this.#column;
    place.replaceWith(card);
  }

  #showRequests(state) {
    const { count, empty, requests } = this.#parts;
    count.textContent = state.requests || "";
    empty.hidden = state.requests > 0;
    requests.closest(".scroll").hidden = state.requests === 0;
    const rows = state.last_requests.slice(0, SHOWN_REQUESTS).map((request) => {
      const row = element("tr");
      const what = element("td");
      what.append(element("code", request[this.#column] ?? "—"));
      const answer = request.answer === null ? word("a_waits") : /^\d/.test(request.answer) ? request.answer : word(`a_${request.answer}`);
      const cell = element("td");
      cell.append(element("span", answer, request.answer === "200" ? "pill good" : request.answer === null ? "pill" : "pill bad"));
      if (!request.token_ok) cell.append(" ", element("small", word("bad_token")));
      row.append(element("td", span(request.ago)), what, cell, element("td", request.connection));
      return row;
    });
    requests.replaceChildren(...rows);
  }

  #showFaults(state) {
    const { faults: form, clear, now } = this.#parts;
    const faults = this.#faults = state.faults;
    const none = Object.keys(faults).length === 0;
    now.textContent = none ? word("f_none") : JSON.stringify(faults);
    form.closest(".faults").classList.toggle("active", !none);
    clear.disabled = none;
    if (form.contains(document.activeElement) && document.activeElement.type === "number") return;
    form.connection.value = FLAGS.slice(0, 3).find((name) => faults[name]) ?? "";
    const answer = faults.status ? `status:${faults.status}` : FLAGS.slice(3).find((name) => faults[name]) ?? "";
    if (![...form.answer.options].some((option) => option.value === answer)) form.answer.append(new Option(faults.status, answer));
    form.answer.value = answer;
    form.wrong_token.checked = faults.wrong_token ?? false;
    for (const name of NUMBERS) form[name].value = faults[name] ?? "";
  }

  #send() {
    const { faults: form } = this.#parts;
    // What only programs set (headers, drip, …) stays.
    const wanted = { ...this.#faults };
    for (const name of [...FLAGS, ...NUMBERS, "status", "wrong_token"]) delete wanted[name];
    if (form.connection.value) wanted[form.connection.value] = true;
    const [kind, status] = form.answer.value.split(":");
    if (status) wanted.status = Number(status);
    else {
      delete wanted.body;
      if (kind) wanted[kind] = kind === "garbage" && this.#faults.garbage ? this.#faults.garbage : true;
    }
    if (kind) delete wanted.redirect;
    if (form.wrong_token.checked) wanted.wrong_token = true;
    for (const name of NUMBERS) if (form[name].value !== "") wanted[name] = form[name].valueAsNumber;
    post("faults", { [this.#service]: wanted });
  }
}
