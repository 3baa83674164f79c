// The counter without a network: find, sell, give; everything goes into the queue. It leaves when the network is back.
import { tone } from "../../ui/js/sound.js";
import { expected, given, sold } from "./deeds.js";
import * as kept from "./kept.js";
import { named, nobody, remembered } from "./naming.js";
import { $, bill, done, hint, pane, queue, who, words } from "./panes.js";
import { posted } from "./posted.js";
import { take, waiting } from "./queue.js";

let all, them = null, id = null, arrived = null, connected = false; // arrived: this form may be recorded already

async function shown() { queue(await waiting(), undo); }

async function undo(entry) {
  await take(entry);
  all = await kept.kept();
  dispatchEvent(new Event("ganbo-queued"));
  await shown();
  reset();
}

function reset() {
  if (connected) return location.assign($("[data-offline]").dataset.home);
  them = id = arrived = null;
  $("#q").value = "";
  bill();
  hint(all ? "" : words.nobody);
  who(null);
  pane("find");
  return $("#q").focus();
}

function serve(next) {
  them = next;
  id ??= crypto.randomUUID(); // pressed twice, it is one sale
  hint("");
  who(them, all, give);
  pane("sale");
  estimated();
  $("#amount").focus();
}

async function find(typed) {
  if (!typed || !all) return;
  const found = await named(typed, all);
  if (found) serve(found);
  else hint(words.whole);
}

const estimated = () => { $("#estimate").textContent = all ? expected($("#amount").value, them, all) : ""; };

async function sell(more = {}) {
  const sentence = await sold(them, { id, amount: $("#amount").value, order_id: $("#order_id").value, more, posted: Boolean(arrived) }, all);
  if (sentence) return said(sentence);
  $("#estimate").textContent = words.amount;
  return $("#amount").focus();
}

const give = async (gift) => said(await given(gift, them.person, all));

async function said(sentence) {
  id = arrived = null; // what comes next is another sale
  tone("yes");
  done(sentence);
  await shown();
  dispatchEvent(new Event("ganbo-queued"));
}

/** A form the network lost goes on under its own id; complete, it is sold at once. */
async function resume() {
  const lost = await posted(all);
  if (!lost) return false;
  if (lost.out) { await kept.wipe(); all = undefined; reset(); hint(words.signed_out); return true; }
  if (lost.unsure) { reset(); hint(words.unsure); return true; }
  id = lost.id;
  arrived = true;
  serve(remembered(lost));
  bill(lost);
  estimated();
  if (!lost.vouchers && lost.pressed) await sell(lost.rows);
  return true;
}

$("#find").addEventListener("submit", (event) => { event.preventDefault(); void find($("#q").value); });
$("#sale").addEventListener("submit", (event) => { event.preventDefault(); void sell(); });
$("#amount").addEventListener("input", estimated);
$("[data-without]").addEventListener("click", () => all && serve(nobody()));
for (const back of document.querySelectorAll("[data-reset]")) back.addEventListener("click", reset);
addEventListener("ganbo-network", async ({ detail }) => {
  connected = detail.state === "sent";
  if (detail.state !== "lost") hint(connected ? words.back : words.sign_in);
  await shown();
  if (connected && !detail.left && !them && !$("#q").value) reset(); // nobody stands here: back to the counter
});

all = await kept.kept();
await shown();
if (!(await resume())) {
  const asked = new URLSearchParams(location.search).get("q") ?? "";
  history.replaceState(null, "", location.pathname); // a reload asks for nobody
  reset();
  await find(asked);
}
