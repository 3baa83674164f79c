// Keys of the till: Enter goes on, F8 undoes, Esc goes back; a finished sale moves on by itself unless somebody touches it.
const first = (selector) => document.querySelector(selector);
const typing = (target) => target.closest("input, textarea, select, button, a, summary");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === "/" && !event.target.closest("input, textarea") && !first("[data-box]")) {
    location.assign(first(".till-bar a").href);
  } else if (event.key === "F8") {
    const undo = first("[data-undo]");
    if (undo) { event.preventDefault(); undo.click(); }
  } else if (event.key === "Escape") {
    const open = first("details[data-ask][open]");
    if (open) { event.preventDefault(); event.stopImmediatePropagation(); open.open = false; open.querySelector("summary").focus(); return; }
    const back = first("[data-back]");
    if (back) { event.preventDefault(); back.click(); }
  } else if (event.key === "Enter" && !typing(event.target)) {
    const on = first("[data-enter]");
    if (on) { event.preventDefault(); on.click(); }
  }
}, true);

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-once]")) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent; });

const next = first("[data-next]");
if (next) {
  const timer = setTimeout(() => location.assign(next.href), Number(next.dataset.next) * 1000);
  for (const kind of ["pointerdown", "keydown", "focusin", "pointermove"]) addEventListener(kind, () => clearTimeout(timer), { once: true });
}
