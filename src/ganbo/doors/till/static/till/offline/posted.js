// What the service worker laid aside when the network was lost while a form was sent.
const POSTED = new URL("offline/posted", new URL(document.querySelector("[data-offline]").dataset.home, location)).href;
const ROW = /^(sku|quantity|price)\d$/;

/** The lost form, once: a sale as far as it goes without a network, `out`, or `unsure` of any other deed; null: there is none. */
export async function posted(all) {
  const box = await caches.open("ganbo-till");
  const letter = await box.match(POSTED);
  if (!letter) return null;
  await box.delete(POSTED);
  const form = new URLSearchParams(await letter.text());
  if (form.get("path").endsWith("/out/")) return { out: true };
  if (!all || !form.get("sale") || !form.has("amount")) return { unsure: true };
  const member = form.get("member"), typed = form.get("phone") ?? "";
  return {
    id: form.get("sale"),
    person: all.people.find((one) => one.id === member),
    typed,
    fields: member ? { member } : typed ? { who: typed } : {},
    amount: form.get("amount"),
    pressed: form.get("look") === null && form.get("amount") !== "",
    order_id: form.get("order_id") ?? "",
    rows: Object.fromEntries([...form].filter(([name, value]) => ROW.test(name) && value)),
    vouchers: ["code", "typed", "card", "points"].some((name) => form.get(name)),
  };
}
