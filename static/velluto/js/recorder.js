// Record a sample or a statement: check the microphone, record, listen again, send. Markup: templates/velluto/recorder.html

import { MicrophoneCheck } from "./check.js";
import { announce, clearError, clock, csrfToken, enter, onPress, part, seconds, showError, whenReady } from "./dom.js";
import { measure } from "./measure.js";
import { follow } from "./meter.js";
import { newKey, renewToken, upload } from "./requests.js";
import { resample, toWav } from "./wav.js";

const HIGHEST_RATE = 48000; // Hz; some interfaces run at 96 or 192 kHz, which no voice needs
const CLIPPED_TAKE = 0.001; // share of samples
const FIRST_STOP_SECONDS = 0.5; // a held Enter key reaches "Stop" right after "Record"
const LAST_CALL_SECONDS = 10;

class Recorder {
  constructor(root) {
    this.root = root;
    this.form = part(root, "form");
    this.least = Number(root.dataset.minSeconds);
    this.most = Number(root.dataset.maxSeconds);
    this.largest = Number(root.dataset.maxBytes || Infinity);
    this.take = null; // {file, name, key} once there is something to send
    this.sent = false;
    this.check = new MicrophoneCheck(root, { onready: () => part(root, "record").focus() });

    onPress(root, "record", () => this.record());
    onPress(root, "stop", () => this.heard > FIRST_STOP_SECONDS && this.stop());
    onPress(root, "redo", () => this.redo());
    onPress(root, "send", () => this.send());
    this.acceptFiles();
    window.addEventListener("beforeunload", (event) => this.unsent() && event.preventDefault());
    window.addEventListener("pagehide", () => this.check.close());
    part(root, "live").hidden = false;
    root.dataset.enhanced = "true";
    enter(root, "start");
  }

  unsent() {
    return !this.sent && (this.take !== null || this.root.dataset.state === "recording");
  }

  // ------------------------------------------------------------------------------------------------ recording
  record() {
    const { microphone } = this.check;
    clearError(this.root);
    if (microphone === null) {
      this.check.reopen(); // closed while this page lay in the browser's history
      return;
    }
    this.heard = 0;
    this.showTime();
    enter(this.root, "recording");
    part(this.root, "stop").focus();
    announce(this.root, `Recording. Read for at least ${seconds(this.least)}.`);
    this.stopMeter = follow(part(this.root, "meter"), microphone);
    this.told = { least: false, last: false };
    microphone.onlost = () => this.stop("The microphone stopped. What was recorded until then is here.");
    microphone.keep();
    this.stopCounting = microphone.listen((block) => this.count(block.length / microphone.rate));
  }

  // The time shown is that of the sound kept, not of a clock beside it.
  count(more) {
    this.heard += more;
    this.showTime();
    if (!this.told.least && this.heard >= this.least) {
      this.told.least = true;
      announce(this.root, "That is enough. Read on if you like: more makes a better voice.");
    }
    if (!this.told.last && this.most > 3 * LAST_CALL_SECONDS && this.heard >= this.most - LAST_CALL_SECONDS) {
      this.told.last = true;
      announce(this.root, `${LAST_CALL_SECONDS} seconds left.`);
    }
    if (this.heard >= this.most) this.stop(`${seconds(this.most)} is the most we take, so the recording ended.`);
  }

  showTime() {
    part(this.root, "elapsed").textContent = clock(this.heard);
    const bar = part(this.root, "length");
    bar.style.setProperty("--done", String(Math.min(1, this.heard / this.most)));
    bar.style.setProperty("--least", String(this.least / this.most));
    bar.dataset.enough = String(this.heard >= this.least);
  }

  async stop(why = "") {
    if (this.root.dataset.state !== "recording") return;
    const { microphone } = this.check;
    this.stopCounting();
    this.stopMeter();
    const samples = microphone.take(this.most);
    this.check.close(); // nobody should be heard while listening; phones also play too quietly beside an open microphone
    const heard = measure(samples, microphone.rate);
    const rate = Math.min(HIGHEST_RATE, microphone.rate);
    enter(this.root, "preparing");
    const file = toWav(await resample(samples, microphone.rate, rate), rate);
    this.review(file, `${this.root.dataset.purpose}.wav`, heard, why);
  }

  // ------------------------------------------------------------------------------------------------ listening again
  review(file, name, heard, why = "") {
    this.take = { file, name, key: newKey() };
    const player = part(this.root, "player");
    if (player.src) URL.revokeObjectURL(player.src);
    player.src = URL.createObjectURL(file);
    part(this.root, "copy").href = player.src;
    part(this.root, "copy").download = name;
    enter(this.root, "review");
    const doubt = heard ? this.doubtOf(heard) : null;
    part(this.root, "take-advice").textContent = [why, doubt?.sentence].filter(Boolean).join(" ");
    for (const button of this.root.querySelectorAll("[data-action=send]")) button.disabled = doubt?.refused ?? false;
    const ready = heard ? `${seconds(Math.round(heard.seconds))} of sound. Listen to it, then send it.` : `${name} is ready to send.`;
    announce(this.root, doubt?.refused ? "This cannot be sent." : ready);
    (doubt?.refused ? part(this.root, "redo") : part(this.root, "send")).focus();
  }

  // What is worth saying about a take before it is sent; the server judges for itself.
  doubtOf(heard) {
    if (heard.seconds < this.least) {
      return {
        refused: true,
        sentence: `This is ${seconds(Math.round(heard.seconds))} long; at least ${seconds(this.least)} are needed. Record again and read further.`,
      };
    }
    if (heard.seconds > this.most + 0.5) {
      return {
        refused: true,
        sentence: `This is ${seconds(Math.round(heard.seconds))} long; we take at most ${seconds(this.most)}. Cut it, or record here.`,
      };
    }
    if (heard.clipped > CLIPPED_TAKE) {
      return { refused: false, sentence: "Some of it is too loud and breaks up. Better record again from a little further away." };
    }
    return null;
  }

  redo() {
    this.take = null;
    clearError(this.root);
    enter(this.root, "preparing");
    this.check.reopen();
  }

  // ------------------------------------------------------------------------------------------------ a file instead
  acceptFiles() {
    const field = this.form.querySelector("input[type=file]");
    field.addEventListener("change", () => {
      const [file] = field.files;
      if (file) this.choose(file);
      field.value = ""; // so that choosing the same file again is a change
    });
    part(this.root, "plain-send").hidden = true;
    this.form.addEventListener("submit", (event) => event.preventDefault());
    const zone = part(this.root, "drop");
    for (const kind of ["dragenter", "dragover"]) {
      zone.addEventListener(kind, (event) => {
        event.preventDefault();
        zone.dataset.over = "true";
      });
    }
    for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => delete zone.dataset.over);
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file) this.choose(file);
    });
  }

  async choose(file) {
    clearError(this.root);
    if (file.size > this.largest) {
      showError(this.root, {
        code: "too-large",
        message: `${file.name} is larger than ${Math.floor(this.largest / 1e6)} MB.`,
        next_step: "Send a shorter or a compressed recording.",
      });
      return;
    }
    this.check.close();
    enter(this.root, "preparing");
    this.review(file, file.name, await this.heardIn(file));
  }

  // Measure a file where this browser can decode it; null where it cannot, for the server may. An hour of sound would fill
  // the memory of a phone, so its length is asked for first.
  async heardIn(file) {
    const length = await lengthOf(file);
    if (!Number.isFinite(length)) return null;
    if (length > this.most + 1) return { seconds: length, clipped: 0 };
    try {
      const decoder = new OfflineAudioContext(1, 1, HIGHEST_RATE);
      const sound = await decoder.decodeAudioData(await file.arrayBuffer());
      return measure(sound.getChannelData(0), sound.sampleRate);
    } catch {
      return null;
    }
  }

  // ------------------------------------------------------------------------------------------------ sending
  async send() {
    if (!this.take || this.root.dataset.state === "sending") return;
    clearError(this.root);
    enter(this.root, "sending");
    announce(this.root, "Sending.");
    const bar = part(this.root, "sent");
    bar.value = 0;
    try {
      if (this.signedOut) await renewToken(this.form);
      const answer = await upload(this.form.action, [...this.fields(), ["audio", this.take.file, this.take.name]], {
        token: csrfToken(this.form),
        key: this.take.key,
        onprogress: (share) => {
          bar.value = share;
          if (share === 1) announce(this.root, "Sent. The server is looking at it.");
        },
        onwait: () => announce(this.root, "The connection was lost. Trying again."),
      });
      this.sent = true;
      this.check.close();
      enter(this.root, "sent");
      announce(this.root, "Received.");
      if (answer.next) window.location.assign(answer.next);
    } catch (failure) {
      this.signedOut = failure.code === "session";
      if (!failure.again) this.take = null; // the server has judged it; sending it again changes nothing
      enter(this.root, failure.again ? "unsent" : "refused");
      announce(this.root, "");
      showError(this.root, { code: failure.code, message: failure.message, next_step: failure.next_step });
    }
  }

  // The form's other fields: the CSRF token and whatever the page adds as hidden inputs.
  fields() {
    return [...new FormData(this.form)].filter(([name]) => name !== "audio");
  }
}

// The length of a sound file in seconds as its header tells it; NaN where it does not, or this browser cannot read it.
function lengthOf(file) {
  return new Promise((resolve) => {
    const probe = new Audio();
    const end = (length) => {
      URL.revokeObjectURL(probe.src);
      resolve(length);
    };
    probe.onloadedmetadata = () => end(probe.duration);
    probe.onerror = () => end(NaN);
    probe.preload = "metadata";
    probe.src = URL.createObjectURL(file);
  });
}

whenReady("[data-recorder]", (root) => new Recorder(root));
