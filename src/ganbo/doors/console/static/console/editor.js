// The YAML of a draft beside its cards: the part one came from is selected, and the way back leads to the card one is in.
const source = document.getElementById("source");
const starts = JSON.parse(document.getElementById("starts")?.textContent || "[]");
document.querySelector("[data-without-scripts]")?.remove();
function pick() {
  const lines = source.value.split("\n");
  const place = (line) => lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  source.focus();
  source.setSelectionRange(place(Number(source.dataset.from)), place(Number(source.dataset.until)));
  source.scrollTop = (source.scrollHeight / lines.length) * Math.max(Number(source.dataset.from) - 4, 0);
}
if (source?.dataset.from) window.addEventListener("load", () => setTimeout(pick));
document.querySelector("[data-back]")?.addEventListener("click", (event) => {
  const line = source.value.slice(0, source.selectionStart).split("\n").length;
  const card = starts.filter(([from]) => from <= line).pop();
  if (card) event.currentTarget.hash = card[1];
});
