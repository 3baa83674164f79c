// On every page of the till: keeps what is needed without a network, shows the band, sends what waits.
import * as kept from "./kept.js";
import { send, waiting } from "./queue.js";

const band = document.querySelector("[data-offline]");
const AGAIN = 5_000;
const CACHE = "ganbo-till";
const here = document.getElementById("words") !== null; // the page without a network itself
const able = band && "serviceWorker" in navigator && "locks" in navigator && window.isSecureContext;

async function counted() {
  const n = (await waiting()).length;
  for (const place of document.querySelectorAll("[data-to-send]")) {
    place.hidden = !n;
    place.querySelector("[data-count]").textContent = n;
  }
  return n;
}

function lost(is) {
  band.hidden = !is;
  for (const place of document.querySelectorAll("[data-connection]")) place.classList.toggle("is-offline", is);
}

/** The page without a network with all its parts, kept once per version; a page that led elsewhere is not kept. */
async function shell() {
  const { offline: version, shell: address } = band.dataset;
  const box = await caches.open(CACHE), mark = new URL("version", new URL(address, location)).href;
  if ((await (await box.match(mark))?.text()) === version) return;
  const answer = await fetch(address, { redirect: "error" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.clone().text(), "text/html");
  const parts = [...page.querySelectorAll("link[rel=stylesheet], link[rel=preload], link[rel=modulepreload], link[rel=icon], script[src], use")]
    .map((part) => new URL(part.getAttribute("href") ?? part.getAttribute("src"), location))
    .map((part) => part.origin + part.pathname);
  await box.addAll([...new Set(parts)]);
  await box.put(new URL(address, location).href, answer);
  await box.put(mark, new Response(version));
}

async function sent() {
  const found = await send(band.dataset.tell);
  lost(found.state === "lost");
  await counted();
  dispatchEvent(new CustomEvent("ganbo-network", { detail: found }));
  if (found.state === "sent") await kept.refresh(band.dataset.kept, band.dataset.offline);
  return found;
}

async function watched() {
  const needed = here || !navigator.onLine || !band.hidden || (await counted()) > 0;
  if (needed) await sent().catch(() => undefined);
}

async function leave(form) {
  const found = await send(band.dataset.tell);
  form.elements.released.value = found.state === "sent" && !found.left ? "1" : "";
  await kept.wipe();
  form.submit();
}

if (able) {
  addEventListener("online", () => void sent());
  addEventListener("offline", () => lost(true));
  addEventListener("ganbo-queued", () => void counted());
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-sign-out]")) return;
    event.preventDefault();
    void leave(event.target);
  });
  lost(here);
  void navigator.storage?.persist?.(); // what waits is not the browser's to clear
  navigator.serviceWorker.register(band.dataset.worker).catch(() => undefined);
  if (here || (await counted())) await sent();
  else await kept.refresh(band.dataset.kept, band.dataset.offline).catch(() => undefined);
  await shell().catch(() => undefined);
  setInterval(() => void watched(), AGAIN);
}
