// The changing code: counts down to the next one. Without a network the card's own code stands there again, which only collects.
const place = document.getElementById("code");
const still = place.innerHTML;

const fall = () => { place.innerHTML = still; };
document.body.addEventListener("htmx:sendError", fall);
document.body.addEventListener("htmx:responseError", fall);
addEventListener("offline", fall);

setInterval(() => {
  const bar = place.querySelector("progress");
  if (bar) bar.value -= 1;
}, 1000);

const renew = () => { if (!document.hidden) place.dispatchEvent(new Event("renew")); };
document.addEventListener("visibilitychange", renew);
addEventListener("online", renew);
