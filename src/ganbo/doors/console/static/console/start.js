// A slider beside each number that can be turned, and a file that is dropped anywhere on its card. Without this: the number, and the button.
const written = (value) => (document.documentElement.lang === "vi" ? String(value).replace(".", ",") : String(value));
for (const slider of document.querySelectorAll("[data-turns]")) {
  const field = document.getElementById(slider.dataset.turns);
  const follow = () => (slider.value = field.value.replace(",", "."));
  follow();
  slider.hidden = false;
  slider.addEventListener("input", () => (field.value = written(slider.value)));
  field.addEventListener("input", follow);
}
const card = document.querySelector("[data-drop]");
if (card) {
  const file = card.querySelector("input[type=file]");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    card.addEventListener(kind, (event) => {
      event.preventDefault();
      card.classList.toggle("over", kind === "dragover");
    });
  }
  card.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length === 0) return;
    file.files = event.dataTransfer.files;
    card.requestSubmit();
  });
}
for (const chip of document.querySelectorAll(".s-chip")) {
  chip.addEventListener("change", () => chip.classList.toggle("known", chip.value !== ""));
}
