// The browser's own players, one at a time. Addresses of sound stop working after ten minutes (velluto/links.py): those
// marked data-sound are renewed from a fresh copy of the page when a player fails or an old link is pressed.

const GOOD_FOR = 9 * 60 * 1000;
let renewedAt = Date.now();

// Take over the addresses of a fresh copy of this page; false where there is none, signed out for instance.
async function renew() {
  const answer = await fetch(window.location.href, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const element of document.querySelectorAll("[data-sound]")) {
    const twin = fresh.querySelector(`[data-sound="${element.dataset.sound}"]`);
    if (!twin) continue;
    if (element.tagName === "A") element.href = twin.getAttribute("href");
    else element.dataset.fresh = twin.getAttribute("src");
  }
  renewedAt = Date.now();
  return true;
}

document.addEventListener(
  "play",
  ({ target }) => {
    for (const player of document.querySelectorAll("audio")) if (player !== target) player.pause();
  },
  true, // media events do not bubble
);

document.addEventListener(
  "error",
  async ({ target }) => {
    if (!target.matches?.("audio[data-sound]") || Date.now() - renewedAt < 5000) return; // a new address fails, too
    const { currentTime, paused } = target;
    if (!(await renew().catch(() => false))) return;
    target.src = target.dataset.fresh;
    target.currentTime = currentTime;
    if (!paused) target.play().catch(() => {});
  },
  true,
);

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-sound]");
  if (!link || Date.now() - renewedAt < GOOD_FOR) return;
  event.preventDefault();
  await renew().catch(() => false);
  window.location.assign(link.href);
});
