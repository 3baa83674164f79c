// The snapshot: fetched now and then, looked up by a keyed hash of what was typed, gone after a day or at sign-out.
import * as store from "./store.js";

const FRESH = 10 * 60 * 1000;
const text = new TextEncoder();

/** The snapshot, without people when its day is over; undefined when there is none. */
export async function kept() {
  const all = await store.read("all");
  if (all && Date.now() + all.ahead > all.ends && all.people.length) {
    Object.assign(all, { people: [], index: {} });
    await store.write("all", all);
  }
  return all;
}

/** Fetch a new one unless this one is fresh and of this `version`; only while nothing waits, for it does not know what does. */
export async function refresh(address, version) {
  const before = await store.read("all");
  if (before?.version === version && Date.now() - before.fetched < FRESH) return;
  if ((await store.queued()).length) return;
  const answer = await fetch(address, { redirect: "error" });
  if (answer.status === 401) return wipe();
  if (!answer.ok) return;
  const all = await answer.json();
  all.key = await crypto.subtle.importKey("raw", text.encode(all.key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  await store.write("all", { ...all, version, fetched: Date.now(), ahead: all.taken - Date.now() });
}

export const wipe = () => store.wipe("all");

/** What the server hashes for what was typed: a phone number in its international form, a card without spaces. */
export function normal(typed, { code, trunk }) {
  const plain = typed.trim().replace(/[\s.()-]/g, "");
  if (!/^\+?\d{8,15}$/.test(plain)) return [plain];
  if (plain.startsWith("+")) return [plain];
  const national = trunk && plain.startsWith(trunk) ? plain.slice(trunk.length) : plain;
  return [plain, `+${code}${national}`, `+${plain}`];
}

/** The person of the snapshot, or undefined. */
export async function find(typed, all) {
  for (const name of normal(typed, all.phones)) {
    const digest = new Uint8Array(await crypto.subtle.sign("HMAC", all.key, text.encode(name))).slice(0, 16);
    const at = all.index[btoa(String.fromCharCode(...digest))];
    if (at !== undefined) return all.people[at];
  }
  return undefined;
}

/** The gifts of somebody's tier, each with why it cannot be given, if so. */
export function gifts(person, all) {
  const offered = all.gifts[person.tier] ?? all.gifts[""] ?? [];
  if (!person.lease || Date.now() + all.ahead >= all.day_ends) return [];
  return offered.map((gift) => ({ ...gift, missing: Math.max(0, gift.price - (person.has[gift.wallet] ?? 0)), over: gift.worth > person.may }));
}
