// A claim is renewed each minute in which the person was at work (keys, pointer, sound) in the last few.

import { csrfToken, part } from "./dom.js";
import { ask } from "./requests.js";

const EVERY_MS = 60 * 1000;
const AT_WORK_MS = 3 * 60 * 1000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "play"];

export function holdClaim(root) {
  let lastSign = Date.now();
  let endsAt = new Date(root.dataset.endsAt).getTime();
  const sign = () => (lastSign = Date.now());
  for (const name of SIGNS) document.addEventListener(name, sign, { capture: true, passive: true });

  const listening = () => [...document.querySelectorAll("audio")].some((player) => !player.paused);
  const lose = (why) => {
    part(root, "lost-why").textContent = why;
    part(root, "lost").hidden = part(root, "again").hidden = false;
    part(root, "held").hidden = true;
  };
  const have = (answer) => {
    endsAt = new Date(answer.ends_at).getTime();
    part(root, "until").textContent = answer.until;
    part(root, "lost").hidden = part(root, "again").hidden = true;
    part(root, "held").hidden = false;
  };

  const look = async () => {
    if (listening() || Date.now() - lastSign < AT_WORK_MS) {
      try {
        have(await ask(root.dataset.keepUrl, { method: "POST", token: csrfToken(root) }));
        return;
      } catch (failure) {
        if (!failure.again) {
          lose(`${failure.message} ${failure.next_step}`);
          clearInterval(timer);
          return;
        }
      }
    }
    if (Date.now() > endsAt) lose("Your claim has ended: anybody may take the case now.");
  };
  const timer = setInterval(look, EVERY_MS);
  look(); // whoever opens the page is at work
}
