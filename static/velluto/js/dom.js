// The little that every module here does with the page.

// An element of this component: <… data-part="name">.
export function part(root, name) {
  return root.querySelector(`[data-part="${name}"]`);
}

// Enter a state: only elements whose data-when names it (or that have none) stay visible.
export function enter(root, state) {
  root.dataset.state = state;
  for (const element of root.querySelectorAll("[data-when]")) {
    element.hidden = !element.dataset.when.split(" ").includes(state);
  }
}

export function onPress(root, action, act) {
  for (const button of root.querySelectorAll(`[data-action="${action}"]`)) button.addEventListener("click", act);
}

// Say something to people who listen to the page. The element is an aria-live region and is visible as well.
export function announce(root, sentence) {
  part(root, "status").textContent = sentence;
}

// Show why something failed and what to do, and bring the reader there. `error` is {code, message, next_step}.
export function showError(root, error) {
  const box = part(root, "error");
  box.dataset.code = error.code;
  part(box, "error-message").textContent = error.message;
  part(box, "error-advice").textContent = error.next_step ?? "";
  box.hidden = false;
  box.focus();
}

export function clearError(root) {
  part(root, "error").hidden = true;
}

export function csrfToken(root) {
  return root.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function seconds(count) {
  if (count < 60 || count % 60) return `${count} second${count === 1 ? "" : "s"}`;
  return count === 60 ? "1 minute" : `${count / 60} minutes`;
}

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export function whenReady(selector, make) {
  for (const root of document.querySelectorAll(selector)) make(root);
}
