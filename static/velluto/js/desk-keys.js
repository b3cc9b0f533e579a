// The desk by keyboard. No key is taken while somebody types, nor from a control that needs it itself.

import { onPress, part } from "./dom.js";

const OFF = "velluto.desk.keys-off";
const TYPES = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=submit], [type=button])";
const PRESSED_BY_SPACE = "a, button, input, summary, audio, label";

export function listenForKeys(root) {
  const help = part(root, "keys");
  const on = part(root, "keys-on");
  on.checked = localStorage.getItem(OFF) === null;
  on.addEventListener("change", () => (on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  onPress(root, "keys", () => help.showModal());

  const keys = {
    n: () => document.querySelector('form[data-key="n"]')?.requestSubmit(),
    j: () => step(1),
    k: () => step(-1),
    o: () => selected()?.querySelector("th a")?.click(),
    p: () => part(document, "preview-button")?.click(),
    "?": () => help.showModal(),
    " ": () => toggle(),
  };
  const act = (key) => (/^[1-9]$/.test(key) ? choose(key) : keys[key]?.());

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = document.querySelector("[data-decide]");
      if (!form || (event.target.closest("form") ?? form) !== form) return;
      event.preventDefault();
      form.requestSubmit(part(form, "decide-button"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || help.open || !on.checked) return;
    if (event.target.closest(TYPES) || (event.key === " " && event.target.closest(PRESSED_BY_SPACE))) return;
    if (event.key in keys || /^[1-9]$/.test(event.key)) {
      if (event.key === " " && !document.querySelector("audio")) return;
      event.preventDefault();
      act(event.key);
    }
  });
}

function rows() {
  return [...document.querySelectorAll("#result_list tbody tr")];
}

function selected() {
  return document.querySelector("#result_list tr.at") ?? document.querySelector("#result_list tbody tr");
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("at"));
  const next = all[Math.min(all.length - 1, Math.max(0, at === -1 ? 0 : at + by))];
  for (const row of all) row.classList.toggle("at", row === next);
  next.querySelector("th a")?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function toggle() {
  const players = [...document.querySelectorAll("audio")];
  const player = players.find((one) => !one.paused) ?? players[0];
  if (player.paused) player.play().catch(() => {});
  else player.pause();
}

function choose(number) {
  const choice = document.querySelector(`[data-decide] input[data-number="${number}"]`);
  if (!choice) return;
  choice.checked = true;
  choice.dispatchEvent(new Event("input", { bubbles: true }));
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  choice.scrollIntoView({ block: "nearest" });
}
