// What waits to be sent. Each entry has an id of its own, so that telling twice changes nothing; it leaves when answered.
import * as store from "./store.js";
import { kept } from "./kept.js";

const AT_ONCE = 50;
const TURN = "ganbo till queue"; // one window sends at a time
const text = new TextEncoder();

/** A key that this browser can use and not give out: a typed phone number is never stored in clear. */
async function sealing() {
  const known = await store.read("seal");
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await store.write("seal", made);
  return made;
}

async function sealed(fields) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await sealing(), text.encode(JSON.stringify(fields))) };
}

async function opened({ iv, data }) {
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await sealing(), data)));
}

/** Put a sale or a gift into the queue; `shown` is what its line says, `after` the snapshot as it then is. `posted`: it may have arrived. */
export async function add({ id, kind, fields, shown, posted = false }, after) {
  const all = after ?? (await kept());
  const entry = { id: id ?? crypto.randomUUID(), kind, at: Date.now() + (all?.ahead ?? 0), paper: all?.paper ?? "", shown, posted };
  return store.enqueue({ ...entry, sealed: await sealed(fields) }, after);
}

export const waiting = () => store.queued();

/** Take an entry back that was not sent yet; false when it was meanwhile. */
export async function take(entry) {
  return navigator.locks.request(TURN, async () => {
    if (!(await waiting()).some((one) => one.n === entry.n)) return false;
    const all = await kept(), back = entry.kind === "gift" ? await opened(entry.sealed) : null;
    const person = back && all?.people.find((one) => one.id === back.member);
    if (person) { person.has[back.wallet] += Number(back.price); person.may += Number(back.worth); }
    await store.drop(entry.n, person ? all : null);
    return true;
  });
}

async function post(address, token, entries) {
  const told = await Promise.all(entries.map(async ({ id, kind, at, paper, sealed: box }) => ({ id, kind, at, paper, fields: await opened(box) })));
  const answer = await fetch(address, { method: "POST", redirect: "error", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify({ told }) });
  return answer.ok ? (await answer.json()).results : [];
}

/** Tell the server, in order. "lost": no network; "signed out": nobody may tell; "sent": it answered (`left` may wait on). */
export async function send(address) {
  return navigator.locks.request(TURN, async () => {
    try {
      if (!navigator.onLine) throw new Error("no network");
      const hello = await fetch(address, { redirect: "error", cache: "no-store", signal: AbortSignal.timeout(8000) });
      if (hello.status === 401) return { state: "signed out", left: (await waiting()).length };
      if (!hello.ok) return { state: "lost", left: (await waiting()).length };
      const { token } = await hello.json();
      for (let entries = await waiting(); entries.length; entries = await waiting()) {
        const part = entries.slice(0, AT_ONCE);
        const answered = new Map((await post(address, token, part)).map((one) => [one.id, one.state]));
        const done = part.filter((entry) => (answered.get(entry.id) ?? "later") !== "later");
        for (const entry of done) await store.drop(entry.n);
        if (done.length < part.length) break; // the rest is told later
      }
      return { state: "sent", left: (await waiting()).length };
    } catch {
      return { state: "lost", left: (await waiting()).length };
    }
  });
}
