import { Cards } from "./cards.js";
import * as greenApi from "./green_api.js";
import { $, post, refreshBy } from "./page.js";
import * as pbx from "./pbx.js";
import * as qrMenu from "./qr_menu.js";
import { translate } from "./words.js";

const REFRESH = 1000;
const SERVICES = { qr_menu: qrMenu, pbx, green_api: greenApi };

translate(document);

const parts = [...document.querySelectorAll(".part")].map((part) => {
  const service = SERVICES[part.dataset.service];
  service.prepare();
  for (const button of part.querySelectorAll("[data-post]")) {
    button.addEventListener("click", () => post(`${part.dataset.path}/${button.dataset.post}`, button.dataset.body ?? {}));
  }
  const link = document.querySelector(`#parts a[href="#${part.dataset.path}"]`);
  return { part, service, link, name: part.dataset.service, cards: new Cards(part) };
});

async function refresh() {
  try {
    const state = await (await fetch("state")).json();
    for (const { part, service, link, name, cards } of parts) {
      link.hidden = !state[name];
      if (!state[name]) continue;
      const [dot, text] = service.status(state[name]);
      link.querySelector(".dot").dataset.state = dot;
      link.querySelector("[data-status]").textContent = text;
      if (part.hidden) continue;
      service.show(state[name]);
      cards.show(state[name]);
    }
    $("offline").hidden = true;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    $("offline").hidden = false;
  }
}

// The part is in the address, so that it can be opened in a tab of its own.
function choose() {
  const chosen = parts.find(({ part }) => location.hash === `#${part.dataset.path}`) ?? parts[0];
  for (const { part, link } of parts) {
    part.hidden = part !== chosen.part;
    if (part.hidden) link.removeAttribute("aria-current");
    else link.setAttribute("aria-current", "page");
  }
  refresh().catch(console.error);
}

async function run() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, REFRESH));
    if (!document.hidden) await refresh().catch(console.error);
  }
}

refreshBy(refresh);
addEventListener("hashchange", choose);
document.addEventListener("visibilitychange", () => document.hidden || refresh().catch(console.error));
choose();
run();
