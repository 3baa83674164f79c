// Amounts as people type and read them; the server reads what was typed by the same rule when it is told.
const lang = document.documentElement.lang || "vi";
const THOUSANDS_BELOW = 1000; // in đồng nobody sells for less: 110 means 110.000

/** Minor units of a typed amount; 0 when it is none. */
export function units(typed, { currency, digits }) {
  const plain = typed.trim();
  if (digits) return /^\d{1,12}([.,]\d+)?$/.test(plain) ? Math.round(Number(plain.replace(",", ".")) * 10 ** digits) : 0;
  const amount = Number(plain.replace(/\D/g, ""));
  return currency === "VND" && /^\d+$/.test(plain) && amount < THOUSANDS_BELOW ? amount * 1000 : amount;
}

export const number = (n) => new Intl.NumberFormat(lang).format(n);

export function money(amount, { currency, digits }) {
  const shown = new Intl.NumberFormat(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(amount / 10 ** digits);
  return currency === "VND" ? `${shown}\u00a0₫` : `${shown}\u00a0${currency}`;
}

export const points = (n, wallet, all) => `${number(n)} ${all.units[wallet] ?? wallet}`;

/** wallet → what plain rules on the whole bill give; what else counts is known when it is told. */
export function estimate(amount, person, all) {
  const sums = {};
  for (const rate of all.rates) {
    if (amount < rate.least) continue;
    const times = rate.times && person ? all.times[person.tier] ?? 1 : 1;
    sums[rate.wallet] = (sums[rate.wallet] ?? 0) + (rate.per ? Math.floor(amount / rate.per) * rate.amount : rate.amount) * times;
  }
  return Object.entries(sums).map(([wallet, n]) => [wallet, Math.floor(n + 1e-9)]).filter(([, n]) => n > 0);
}

/** %(name)s filled in. */
export const filled = (sentence, values) => sentence.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
