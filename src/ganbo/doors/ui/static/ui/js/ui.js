// Behaviour every page shares. Nothing here is needed to use a page; it only makes it quicker.
//   "/"            jumps to the one box ([data-box])
//   [data-copy]    copies its text
//   [data-print]   prints
//   [data-ask]     a question in place of a dialog: Escape or [data-ask-close] folds it up
//   [data-menu]    closes on Escape and on a click elsewhere
//   [data-say]     its text is spoken when it arrives by htmx; announce("…") speaks anything
//   [data-sound]   yes or no: a short tone when it arrives by htmx
import { tone } from "./sound.js";

const live = document.getElementById("live");

export function announce(text) {
  if (!live || !text) return;
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; });
}

function typing(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function fold(details, focus) {
  details.open = false;
  if (focus) details.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !typing(event.target)) {
    const box = document.querySelector("[data-box]");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  }
  if (event.key === "Escape") {
    const open = event.target.closest("details[open][data-ask], details[open][data-menu]");
    if (open) { event.stopPropagation(); fold(open, true); }
  }
});

document.addEventListener("click", async (event) => {
  const close = event.target.closest("[data-ask-close]");
  if (close) fold(close.closest("details"), true);
  for (const menu of document.querySelectorAll("details[open][data-menu]")) {
    if (!menu.contains(event.target)) fold(menu, false);
  }
  if (event.target.closest("[data-print]")) window.print();
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard?.writeText(copy.dataset.copy);
    announce(document.body.dataset.copied);
    const mark = copy.querySelector("use");
    const before = mark?.getAttribute("href");
    mark?.setAttribute("href", before.replace(/#.*/, "#check"));
    setTimeout(() => mark?.setAttribute("href", before), 1500);
  }
});

function warn(text) {
  const place = document.getElementById("flashes");
  if (!place) return;
  const notice = document.createElement("div");
  notice.className = "notice notice-attention";
  notice.setAttribute("role", "alert");
  const body = document.createElement("p");
  body.className = "notice-body";
  body.textContent = text;
  notice.append(body);
  place.replaceChildren(notice);
}

document.body.addEventListener("htmx:sendError", () => warn(document.body.dataset.lost));
document.body.addEventListener("htmx:responseError", () => warn(document.body.dataset.fault));
document.body.addEventListener("htmx:afterSettle", (event) => {
  const arrived = event.detail.elt;
  const said = arrived.matches("[data-say]") ? arrived : arrived.querySelector("[data-say]");
  if (said) announce(said.textContent.trim());
  const heard = arrived.matches("[data-sound]") ? arrived : arrived.querySelector("[data-sound]");
  if (heard) tone(heard.dataset.sound);
});

function connection() {
  for (const place of document.querySelectorAll("[data-connection]")) place.classList.toggle("is-offline", !navigator.onLine);
}
addEventListener("online", connection);
addEventListener("offline", connection);
connection();
