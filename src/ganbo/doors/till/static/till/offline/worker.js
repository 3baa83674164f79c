// Keeps the till usable without a network: pages come from the network, and when it is lost, the kept counter instead.
// What a lost form held is laid beside it, so that the sale goes on under its own id. Nothing is sent from here.
const CACHE = "ganbo-till";
const SHELL = new URL("offline/", self.registration.scope).href;
const PARTS = new Set(["style", "script", "font", "image"]);
const PATIENCE = 10_000; // milliseconds; a network that answers later is none to a queue of six

addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (new URL(request.url).origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (request.method === "GET" && PARTS.has(request.destination)) event.respondWith(part(request));
});

async function answered(request) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error("late")), PATIENCE); });
  try {
    const answer = await Promise.race([fetch(request), late]);
    if (answer.status === 502 || answer.status === 504) throw new Error("nobody behind the gate");
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

async function page(request) {
  const copy = request.method === "POST" ? request.clone() : null;
  try {
    return await answered(request);
  } catch {
    const box = await caches.open(CACHE), shell = await box.match(SHELL);
    if (!shell) return Response.error();
    if (!copy) return shell;
    const form = new URLSearchParams(await copy.text());
    form.delete("csrfmiddlewaretoken");
    form.set("path", new URL(request.url).pathname);
    await box.put(new URL("posted", SHELL).href, new Response(form.toString()));
    return Response.redirect(SHELL, 303);
  }
}

/** Styles, scripts, fonts and pictures: from the network, and kept; what was kept when it is lost. */
async function part(request) {
  const box = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok) await box.put(request, answer.clone());
    return answer;
  } catch {
    return (await box.match(request)) ?? Response.error();
  }
}
