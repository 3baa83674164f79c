// What the page without a network shows: who stands there, the gifts, the queue, and one of three right panes.
import { gifts } from "./kept.js";
import { filled, money, points } from "./money.js";

export const words = JSON.parse(document.getElementById("words").textContent);
export const $ = (selector, within = document) => within.querySelector(selector);

/** A copy of a template with its slots filled. */
function made(id, slots) {
  const copy = document.getElementById(id).content.firstElementChild.cloneNode(true);
  for (const [name, value] of Object.entries(slots)) $(`[data-slot="${name}"]`, copy).textContent = value;
  return copy;
}

function told(element, sentence) {
  element.textContent = sentence;
  element.hidden = !sentence;
}

export const hint = (sentence) => told($("#hint"), sentence);

/** find, sale or done. */
export function pane(name) {
  for (const part of document.querySelectorAll("[data-pane]")) part.hidden = part.dataset.pane !== name;
  $("#bill").classList.toggle("is-find", name === "find");
  $("#bill").classList.toggle("is-done", name === "done");
}

/** What the form of the sale holds; `vouchers`: some stood on it and wait for the network. */
export function bill({ amount = "", order_id = "", vouchers = false } = {}) {
  $("#amount").value = amount;
  $("#order_id").value = order_id;
  told($("[data-without-vouchers]"), vouchers ? words.voucher : "");
}

/** Who stands at the counter; `give` is called with the gift that is taken. */
export function who(them, all, give) {
  const place = $("#who"), person = them?.person, list = $("[data-gifts]", place);
  place.hidden = !them;
  for (const part of document.querySelectorAll("[data-idle]")) part.hidden = Boolean(them);
  list.replaceChildren();
  if (!them) return;
  $("[data-name]", place).textContent = them.name;
  $("[data-has]", place).hidden = !person;
  told($("[data-note]", place), them.note ?? "");
  if (!person) return;
  $("[data-balance]", place).textContent = Object.entries(person.has).map(([wallet, n]) => points(n, wallet, all)).join(" · ");
  const offered = gifts(person, all);
  if (!offered.length) told($("[data-note]", place), all.limit && !person.lease ? words.other_till : words.no_gifts);
  for (const gift of offered) {
    const price = points(gift.price, gift.wallet, all);
    if (gift.missing || gift.over) {
      const why = gift.missing ? filled(words.few, { missing: points(gift.missing, gift.wallet, all) }) : filled(words.over, { gift: gift.name, left: money(person.may, all.money) });
      list.append(made("locked", { gift: gift.name, why }));
      continue;
    }
    const row = made("gift", { gift: gift.name, price, worth: filled(words.gave, { gift: gift.name, points: price }) });
    $("[data-give]", row).addEventListener("click", () => give(gift), { once: true });
    list.append(row);
  }
}

/** The entries that wait, the latest first; `undo` takes one back, unless it may have arrived. */
export function queue(entries, undo) {
  $("#waiting").hidden = !entries.length;
  $("#waiting [data-count]").textContent = entries.length || "";
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  $("#waiting [data-list]").replaceChildren(
    ...entries.toReversed().map((entry) => {
      const row = made("line", { what: entry.shown.what, when: `${time.format(entry.at)} · ${entry.shown.much}` }), button = $("button", row);
      button.hidden = entry.posted;
      button.addEventListener("click", () => undo(entry), { once: true });
      return row;
    }),
  );
}

/** The green pane with its sentence. */
export function done(sentence) {
  $("#said").textContent = sentence;
  pane("done");
  $("[data-pane=done] [data-reset]").focus();
}
