// Sensitive cases: text stays blurred and sound off until somebody asks for each, on this page only.

import { onPress } from "./dom.js";

export function veil(root) {
  let silent = true;
  const texts = root.querySelectorAll("blockquote, pre, .text"); // blurred by the style sheet
  for (const text of texts) text.setAttribute("aria-hidden", "true"); // nor read aloud
  const players = root.querySelectorAll("audio");
  const hush = (player) => {
    if (silent) player.muted = true;
  };
  for (const player of players) {
    hush(player);
    for (const name of ["play", "volumechange"]) player.addEventListener(name, () => hush(player));
  }
  onPress(root, "show-text", ({ currentTarget }) => {
    root.classList.remove("veiled");
    for (const text of texts) text.removeAttribute("aria-hidden");
    currentTarget.hidden = true;
  });
  onPress(root, "sound-on", ({ currentTarget }) => {
    silent = false;
    for (const player of players) player.muted = false;
    currentTarget.hidden = true;
  });
}
