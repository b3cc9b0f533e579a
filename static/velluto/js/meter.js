// A bar that follows the level, in dBFS.

import { levelOf } from "./measure.js";

const LOWEST = -60;
const TOO_LOUD = -3;
const GOOD_FROM = -42;
const FALL_PER_BLOCK = 0.6; // dB: rise at once, fall slowly, as meters do

// Follow `microphone` in `element`; returns a function that stops.
export function follow(element, microphone) {
  let shown = LOWEST;
  const stop = microphone.listen((block) => {
    shown = Math.max(LOWEST, levelOf(block), shown - FALL_PER_BLOCK);
    element.style.setProperty("--level", String((shown - LOWEST) / -LOWEST));
    element.dataset.zone = shown > TOO_LOUD ? "loud" : shown > GOOD_FROM ? "good" : "quiet";
  });
  return () => {
    stop();
    element.style.setProperty("--level", "0");
  };
}
