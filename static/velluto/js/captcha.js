// Read a phrase aloud before its time is over. Markup: templates/velluto/captcha.html
//
// The server's clock decides; this one only keeps inside it. So time counts from the moment the phrase was asked for, not
// from its arrival: the server stamped it somewhere in between.

import { MicrophoneCheck } from "./check.js";
import { announce, clearError, csrfToken, enter, onPress, part, pause, showError, whenReady } from "./dom.js";
import { VoiceWatch } from "./measure.js";
import { follow } from "./meter.js";
import { ask, newKey, upload } from "./requests.js";
import { resample, toWav } from "./wav.js";

const RATE = 16000; // Hz, what the checks listen at: ten seconds are 320 kB, which a slow line sends within the allowance
const MARGIN_SECONDS = 0.1; // the recording must stay inside the limit after rounding
const PAUSE_SECONDS = 1.5; // longer than a pause between two words read one by one
const LONG_PAUSE_SECONDS = 3; // an end whatever was read
const LEAST_SPOKEN_SECONDS = 0.6; // less is a cough
const SECONDS_PER_LETTER = 0.04; // of sound; hardly anybody reads faster, so a pause before this much was read is a hesitation
const FIRST_DONE_SECONDS = 0.7; // a held Enter key reaches "Done" right after "Show my phrase"
const UNREAD_PHRASES = 3; // so many in a row replace each other by themselves; then somebody must ask

class Captcha {
  constructor(root) {
    this.root = root;
    this.token = csrfToken(root);
    this.unread = 0;
    this.check = new MicrophoneCheck(root, { onready: () => part(root, "show").focus() });
    onPress(root, "show", () => this.begin());
    onPress(root, "done", () => this.finish?.());
    onPress(root, "again", () => this.begin());
    window.addEventListener("pagehide", () => this.check.close());
    part(root, "live").hidden = false;
    enter(root, "start");
  }

  begin() {
    this.unread = 0;
    this.showPhrase();
  }

  async showPhrase() {
    clearError(this.root);
    if (this.check.microphone === null) {
      this.check.reopen(); // lost since the last phrase
      return;
    }
    enter(this.root, "asking");
    announce(this.root, "Your phrase is coming.");
    const askedAt = performance.now();
    let phrase;
    try {
      phrase = await ask(this.root.dataset.startUrl, { method: "POST", token: this.token });
    } catch (failure) {
      this.fail(failure);
      return;
    }
    const { microphone } = this.check;
    if (microphone === null) return; // lost while we asked; the check says so
    const passed = (performance.now() - askedAt) / 1000;
    const heard = await this.listen(microphone, phrase, passed);
    if (heard === null) return;
    if (heard.spoken < LEAST_SPOKEN_SECONDS) await this.replace(phrase, askedAt);
    else await this.send(phrase, heard.samples, microphone.rate);
  }

  // Show the phrase and keep what is heard until it is read, "Done" is pressed, or the time is over.
  async listen(microphone, phrase, passed) {
    enter(this.root, "reading");
    part(this.root, "phrase").textContent = phrase.phrase;
    announce(this.root, "Read this aloud now.");
    part(this.root, "done").focus();
    const most = phrase.answer_within_s - MARGIN_SECONDS - passed;
    const enough = Math.max(LEAST_SPOKEN_SECONDS, SECONDS_PER_LETTER * phrase.phrase.length);
    const watch = new VoiceWatch(this.check.room, microphone.rate);
    const stopMeter = follow(part(this.root, "meter"), microphone);
    const shownAt = performance.now();
    microphone.keep();
    const ending = await new Promise((resolve) => {
      this.finish = () => performance.now() - shownAt > FIRST_DONE_SECONDS * 1000 && resolve("done");
      microphone.onlost = () => resolve("lost");
      this.stopListening = microphone.listen((block) => {
        watch.hear(block);
        const left = most - (performance.now() - shownAt) / 1000;
        this.countDown(left, phrase.answer_within_s);
        if (left <= 0) resolve("time");
        else if (watch.spoken >= enough && watch.quiet >= PAUSE_SECONDS) resolve("read");
        else if (watch.spoken >= LEAST_SPOKEN_SECONDS && watch.quiet >= LONG_PAUSE_SECONDS) resolve("read");
      });
    });
    this.finish = null;
    this.stopListening();
    stopMeter();
    part(this.root, "phrase").textContent = "";
    const samples = microphone.take(most);
    if (ending === "lost") {
      this.check.lose();
      return null;
    }
    microphone.onlost = () => this.check.close();
    return { samples, spoken: watch.spoken };
  }

  countDown(left, whole) {
    const text = String(Math.max(0, Math.ceil(left)));
    const shown = part(this.root, "seconds-left");
    if (shown.textContent !== text) shown.textContent = text;
    part(this.root, "countdown").style.setProperty("--left", String(Math.max(0, left / whole)));
  }

  // Nothing was said: let the phrase expire as the server does, then show another, but not for ever.
  async replace(phrase, askedAt) {
    this.unread += 1;
    if (this.unread >= UNREAD_PHRASES) {
      enter(this.root, "idle");
      announce(this.root, "We heard nothing. Show a new phrase when you are ready.");
      part(this.root, "show-again").focus();
      return;
    }
    enter(this.root, "expired");
    announce(this.root, "We heard nothing. This phrase expires, and a new one comes.");
    const left = phrase.start_within_s * 1000 - (performance.now() - askedAt);
    await pause(Math.max(0, left));
    if (this.root.dataset.state === "expired") await this.showPhrase();
  }

  async send(phrase, samples, rate) {
    enter(this.root, "sending");
    announce(this.root, "Thank you. Sending.");
    const file = toWav(await resample(samples, rate, RATE), RATE);
    const fields = [
      ["csrfmiddlewaretoken", this.token],
      ["challenge", phrase.challenge],
      ["audio", file, "phrase.wav"],
    ];
    try {
      // Retries are quick or useless: the phrase's time runs on.
      const answer = await upload(this.root.dataset.answerUrl, fields, { token: this.token, key: newKey(), waits: [300, 900] });
      this.check.close();
      enter(this.root, "passed");
      announce(this.root, "That was right.");
      if (answer.next) window.location.assign(answer.next);
    } catch (failure) {
      this.fail(failure);
    }
  }

  fail(failure) {
    const left = failure.tries_left;
    announce(this.root, "");
    enter(this.root, left === 0 ? "closed" : "failed");
    part(this.root, "tries").textContent = left > 0 ? `You have ${left} ${left === 1 ? "try" : "tries"} left.` : "";
    const advice = failure.code === "network" ? "Check your connection, then try again with a new phrase." : failure.next_step;
    showError(this.root, { code: failure.code, message: failure.message, next_step: advice });
  }
}

whenReady("[data-captcha]", (root) => new Captcha(root));
