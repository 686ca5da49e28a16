import { word } from "./words.js";

export const $ = (id) => document.getElementById(id);

let toastTimer;
let afterwards = () => {};

export function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function toast(text, bad = false) {
  $("toast").textContent = text;
  $("toast").className = bad ? "shown bad" : "shown";
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").className = bad ? "bad" : ""; }, bad ? 6000 : 1800);
}

export function refreshBy(refresh) {
  afterwards = refresh;
}

export async function post(path, value = {}) {
  try {
    const response = await fetch(path, { method: "POST", body: typeof value === "string" ? value : JSON.stringify(value) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    toast(word("done"));
    return answer;
  } catch (error) {
    toast(error.message, true);
    return undefined;
  } finally {
    await afterwards();
  }
}

// What somebody is about to change stays as it is.
export function fill(form, values) {
  if (form.contains(document.activeElement)) return;
  for (const [name, value] of Object.entries(values)) form[name].value = value ?? "";
}
