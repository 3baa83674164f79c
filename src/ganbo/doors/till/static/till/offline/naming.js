// Who stands at the counter: somebody of the snapshot, or what was typed, which the server will know.
import { find } from "./kept.js";
import { words } from "./panes.js";

const end = (typed) => `••• ${typed.replace(/\s/g, "").slice(-3)}`;

/** By what was typed or scanned; null when it is too little to know anybody by. */
export async function named(typed, all) {
  const person = await find(typed, all);
  if (person) return { person, name: person.name, fields: { member: person.id } };
  const own = typed.match(/^ganbo:([0-9a-f-]{36})$/);
  if (own) return { name: end(typed), note: words.unknown, fields: { member: own[1] } };
  if (typed.replace(/\D/g, "").length < 8) return null;
  return { name: end(typed), note: words.unknown, fields: { who: typed } };
}

/** By a form that the network lost. */
export function remembered({ person, typed, fields }) {
  if (person) return { person, name: person.name, fields };
  const unknown = Object.keys(fields).length > 0;
  return { name: typed ? end(typed) : unknown ? words.somebody : words.without, note: unknown ? words.unknown : "", fields };
}

export const nobody = () => ({ name: words.without, fields: {} });
