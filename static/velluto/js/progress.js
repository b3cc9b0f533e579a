// Follow a job until it ends. Markup: templates/velluto/progress.html

import { announce, csrfToken, enter, part, showError, whenReady } from "./dom.js";
import { ask } from "./requests.js";

const SOONEST_MS = 700;
const LATEST_MS = 5000;
const OFFLINE_LATEST_MS = 15000;
const SLOWER = 1.4;
const ENDED = new Set(["done", "failed", "cancelled"]);

class Progress {
  constructor(root) {
    this.root = root;
    this.wait = SOONEST_MS;
    this.timer = 0;
    this.last = "";
    const form = part(root, "cancel");
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.cancel(form);
    });
    document.addEventListener("visibilitychange", () => this.wake());
    window.addEventListener("online", () => this.wake());
    enter(root, root.dataset.state);
    if (!ENDED.has(root.dataset.state)) this.look();
  }

  ended() {
    return ENDED.has(this.root.dataset.state);
  }

  wake() {
    if (document.hidden) {
      clearTimeout(this.timer); // nobody looks: ask nothing
    } else if (!this.ended()) {
      this.wait = SOONEST_MS;
      this.look();
    }
  }

  later(latest) {
    clearTimeout(this.timer);
    if (document.hidden || this.ended()) return;
    this.timer = setTimeout(() => this.look(), this.wait);
    this.wait = Math.min(latest, this.wait * SLOWER);
  }

  async look() {
    clearTimeout(this.timer);
    if (this.asking) return;
    this.asking = true;
    try {
      this.show(await ask(this.root.dataset.statusUrl));
      this.later(LATEST_MS);
    } catch (failure) {
      if (failure.again && failure.code !== "session") {
        part(this.root, "note").textContent = "No connection at the moment. The work goes on; we keep asking.";
        this.later(OFFLINE_LATEST_MS);
      } else {
        enter(this.root, "failed");
        showError(this.root, { code: failure.code, message: failure.message, next_step: failure.next_step });
      }
    } finally {
      this.asking = false;
    }
  }

  show(job) {
    const seen = JSON.stringify([job.state, job.done, job.total, job.note]);
    if (seen !== this.last) this.wait = SOONEST_MS; // it moves: look again soon
    this.last = seen;
    this.showBar(job);
    this.showSteps(job);
    if (part(this.root, "note").textContent !== (job.note ?? "")) part(this.root, "note").textContent = job.note ?? "";
    enter(this.root, job.state);
    if (job.state === "done") {
      announce(this.root, "Done.");
      if (job.next) window.location.assign(job.next);
      else window.location.reload();
    } else if (job.state === "failed") {
      showError(this.root, job.error ?? { code: "failed", message: "This did not work.", next_step: "Please try again." });
    } else if (job.state === "cancelled") {
      announce(this.root, "Stopped.");
      if (job.next) window.location.assign(job.next);
    }
  }

  showBar({ state, done, total }) {
    const bar = part(this.root, "bar");
    if (total > 0) {
      bar.max = total;
      bar.value = state === "done" ? total : done;
      part(this.root, "count").textContent = `${done} of ${total}`;
    } else {
      bar.removeAttribute("value"); // a progress element without one is of unknown length
    }
  }

  showSteps({ state, done }) {
    this.root.querySelectorAll("[data-part=steps] > li").forEach((step, place) => {
      const now = place < done || state === "done" ? "done" : place === done && state === "running" ? "running" : "waiting";
      step.dataset.state = now;
      if (now === "running") step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
  }

  async cancel(form) {
    const button = form.querySelector("button");
    button.disabled = true;
    announce(this.root, "Stopping.");
    try {
      await ask(form.action, { method: "POST", token: csrfToken(form), follow: false });
      this.wait = SOONEST_MS;
      this.look();
    } catch (failure) {
      button.disabled = false;
      showError(this.root, { code: failure.code, message: failure.message, next_step: failure.next_step });
    }
  }
}

whenReady("[data-progress]", (root) => new Progress(root));
