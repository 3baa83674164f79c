// A link to a line of the programme selects that line in the text beside it. Without this, the link leads to the numbered copy.
const text = document.getElementById("source");
for (const link of text ? document.querySelectorAll("[data-line]") : []) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const lines = text.value.split("\n");
    const line = Number(link.dataset.line) - 1;
    const start = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line] || "").length);
    text.scrollTop = (text.scrollHeight / lines.length) * Math.max(line - 4, 0);
  });
}
