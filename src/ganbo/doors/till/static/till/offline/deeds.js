// What is done without a network: noted in the queue, and the sentence that says so.
import { estimate, filled, money, points, units } from "./money.js";
import { words } from "./panes.js";
import { add } from "./queue.js";

/** What a sale of this amount will probably earn, in words. */
export function expected(amount, them, all) {
  if (!Object.keys(them?.fields ?? {}).length) return "";
  const got = estimate(units(amount, all.money), them.person, all).map(([wallet, n]) => `+${points(n, wallet, all)}`);
  return got.length ? filled(words.estimate, { points: got.join(", ") }) : "";
}

/** A sale to `them`, under `id`; no sentence when the amount is none. `posted`: the form may have arrived. */
export async function sold(them, { id, amount, order_id, more, posted }, all) {
  const total = units(amount, all.money), paid = money(total, all.money);
  if (!total) return "";
  const what = Object.keys(them.fields).length ? them.name : words.no_member;
  await add({ id, kind: "sale", fields: { amount, order_id, ...more, ...them.fields }, posted, shown: { what, much: paid } });
  return filled(them.person ? words.sold_to : words.sold, { name: them.name, paid });
}

/** A gift: its points and worth are gone from the snapshot at once. */
export async function given(gift, person, all) {
  const { wallet, price, worth } = gift, said = points(price, wallet, all);
  person.has[wallet] -= price;
  person.may -= worth;
  const lease = { member: person.id, reward: gift.id, day: all.day, lease: person.lease };
  const fields = { ...lease, wallet, price: String(price), worth: String(worth) }; // the last three to take it back by
  await add({ kind: "gift", fields, shown: { what: `${gift.name} · ${person.name}`, much: `−${said}` } }, all);
  return filled(words.gave, { gift: gift.name, points: said });
}
