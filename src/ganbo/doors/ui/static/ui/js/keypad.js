// Amounts: [data-amount="."] groups digits while typed; [data-keypad="id"] holds keys that write into that field.
// Without scripts the field is an ordinary one and the server reads its digits.
const LONGEST = 15; // digits: the server refuses sums no receipt has, with a sentence

function digits(text) {
  return text.replace(/\D/g, "").replace(/^0+(?=\d)/, "").slice(0, LONGEST);
}

function grouped(text, mark) {
  return digits(text).replace(/\B(?=(\d{3})+$)/g, mark);
}

function write(field, text) {
  const mark = field.dataset.amount;
  const after = mark ? digits(field.value.slice(field.selectionEnd ?? field.value.length)).length : 0;
  field.value = mark ? grouped(text, mark) : text;
  if (mark && document.activeElement === field) {
    let at = field.value.length;
    for (let left = after; left > 0 && at > 0; at -= 1) if (/\d/.test(field.value[at - 1])) left -= 1;
    field.setSelectionRange(at, at);
  }
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-amount]")) write(event.target, event.target.value);
});

document.addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]");
  if (!key) return;
  const field = document.getElementById(key.closest("[data-keypad]").dataset.keypad);
  if (!field) return;
  const now = field.dataset.amount ? digits(field.value) : field.value.replace(/\D/g, ""); // a phone keeps its zero
  const next = key.dataset.key === "back" ? now.slice(0, -1) : now + key.dataset.key;
  field.value = field.dataset.amount ? grouped(next, field.dataset.amount) : next.slice(0, LONGEST);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
