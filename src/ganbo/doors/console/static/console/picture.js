// A chart as a PNG: what the page shows is copied with its colours into one picture with title and labels. Without this, the CSV stays.
const WIDTH = 1200, EDGE = 48, SHOWN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "font-size", "font-weight"];

function standalone(svg, width, height) {
  const copy = svg.cloneNode(true);
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((part, n) => {
    const style = getComputedStyle(originals[n]);
    for (const name of SHOWN) part.setAttribute(name, style.getPropertyValue(name));
    if (part.tagName === "text") part.setAttribute("font-family", "sans-serif");
    part.removeAttribute("class");
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
}

function picture(svg, width, height) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = URL.createObjectURL(standalone(svg, width, height));
  });
}

async function draw(figure) {
  const svg = figure.querySelector("svg");
  const box = svg.viewBox.baseVal;
  const inner = WIDTH - 2 * EDGE;
  const height = Math.round(inner * (svg.getAttribute("preserveAspectRatio") === "none" ? 0.4 : box.height / box.width));
  const image = await picture(svg, inner, height);
  const legend = [...figure.querySelectorAll(".c-series-key")].map((one) => [one.textContent, getComputedStyle(one, "::before").borderTopColor]);
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = height + 240 + (legend.length ? 48 : 0);
  const pen = canvas.getContext("2d");
  const write = (text, size, x, y, colour, align = "left") => {
    pen.font = `${size}px "Be Vietnam Pro", sans-serif`;
    pen.fillStyle = colour;
    pen.textAlign = align;
    pen.fillText(text, x, y, inner);
  };
  pen.fillStyle = "#FFFFFF";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  write(figure.dataset.title, 36, EDGE, 70, "#1A2421");
  write(figure.dataset.note || "", 22, EDGE, 108, "#4A5753");
  write(figure.querySelector(".c-chart-most")?.textContent || "", 22, EDGE, 150, "#66736E");
  pen.drawImage(image, EDGE, 164, inner, height);
  const ends = [...figure.querySelectorAll("figcaption span")].map((one) => one.textContent);
  if (ends.length > 1) {
    write(ends[0], 22, EDGE, height + 200, "#66736E");
    write(ends[ends.length - 1], 22, WIDTH - EDGE, height + 200, "#66736E", "right");
  }
  let x = EDGE;
  for (const [text, colour] of legend) {
    pen.fillStyle = colour;
    pen.fillRect(x, height + 236, 28, 6);
    write(text, 22, x + 36, height + 246, "#1A2421");
    x += pen.measureText(text).width + 72;
  }
  return canvas;
}

for (const button of document.querySelectorAll("[data-draw]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const figure = document.querySelector(`[data-picture="${button.dataset.draw}"]`);
    const canvas = await draw(figure);
    const link = document.createElement("a");
    link.download = `${button.dataset.draw}.png`;
    link.href = canvas.toDataURL("image/png");
    link.click();
  });
}
