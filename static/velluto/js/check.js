// The look at the microphone that comes before every recording.

import { announce, enter, onPress, part, pause } from "./dom.js";
import { blocks, finding, findingsOf, showFindings } from "./findings.js";
import { measure } from "./measure.js";
import { follow } from "./meter.js";
import { Microphone, microphones, obstacle, permission, refusalOf, remember } from "./microphone.js";

// One second of the room, then two of the voice. The first blocks after opening are left out: many microphones click.
const SETTLE_MS = 200;
const ROOM_MS = 1000;
const VOICE_MS = 2000;

// Drives templates/velluto/microphone_check.html inside a recorder or a captcha. The states "start", "listening",
// "blocked" and "ready" of that component are entered here; what follows "ready" is the component's own.
export class MicrophoneCheck {
  constructor(root, { onready }) {
    this.root = root;
    this.onready = onready;
    this.microphone = null;
    this.room = null;
    this.run = 0;
    onPress(root, "check", () => this.check());
    part(root, "device").addEventListener("change", (event) => {
      remember(event.target.value);
      this.check();
    });
  }

  close() {
    this.microphone?.close();
    this.microphone = null;
  }

  // Open the microphone, listen, show what was found, and enter "ready" or "blocked".
  async check() {
    const run = (this.run += 1); // a second press replaces the first
    this.close();
    part(this.root, "findings").replaceChildren();
    enter(this.root, "listening");
    announce(this.root, "");
    part(this.root, "prompt").textContent = "";
    const inTheWay = await obstacle();
    if (run !== this.run) return;
    if (inTheWay) {
      this.conclude([inTheWay]);
      return;
    }
    if ((await permission()) !== "granted") this.prompt("Your browser asks whether this page may listen. Choose Allow.");
    let microphone;
    try {
      microphone = await Microphone.open();
    } catch (error) {
      if (run === this.run) this.conclude([refusalOf(error)]);
      return;
    }
    if (run !== this.run) {
      microphone.close();
      return;
    }
    this.microphone = microphone;
    await this.listDevices();
    const findings = await this.hear(microphone);
    if (run === this.run) this.conclude(findings);
  }

  // Open the microphone again after it was closed, without listening to the room once more; check it where it never was.
  async reopen() {
    if (this.room === null) {
      await this.check();
      return;
    }
    const run = (this.run += 1);
    let microphone;
    try {
      microphone = await Microphone.open();
    } catch (error) {
      if (run === this.run) this.conclude([refusalOf(error)]);
      return;
    }
    if (run !== this.run) {
      microphone.close();
      return;
    }
    this.microphone = microphone;
    this.becomeReady();
  }

  async hear(microphone) {
    let lost = false;
    microphone.onlost = () => {
      lost = true;
    };
    const stopMeter = follow(part(this.root, "check-meter"), microphone);
    this.prompt("Be quiet for a moment.");
    await pause(SETTLE_MS);
    microphone.keep();
    await pause(ROOM_MS);
    this.prompt(`Now say: “${this.root.dataset.checkSentence}”`);
    await pause(VOICE_MS);
    stopMeter();
    microphone.onlost = null;
    const heard = microphone.take();
    if (lost || heard.length === 0) return [finding("lost")];
    this.room = measure(heard, microphone.rate);
    return findingsOf(this.room);
  }

  prompt(sentence) {
    part(this.root, "prompt").textContent = sentence;
  }

  conclude(findings) {
    const blocked = blocks(findings);
    enter(this.root, blocked ? "blocked" : "ready");
    showFindings(part(this.root, "findings"), findings); // after entering: a live region is read only while it is visible
    if (blocked) {
      this.close();
      announce(this.root, "Not ready yet.");
      part(this.root, "check-again").focus();
    } else {
      this.becomeReady();
    }
  }

  becomeReady() {
    this.microphone.onlost = () => this.lose();
    enter(this.root, "ready");
    announce(this.root, "Your microphone is ready.");
    this.onready();
  }

  // The microphone went away after the check: say so and offer the check again.
  lose() {
    this.close();
    this.conclude([finding("lost")]);
  }

  async listDevices() {
    const select = part(this.root, "device");
    const found = await microphones();
    select.replaceChildren(...found.map((device) => new Option(device.label, device.deviceId)));
    select.value = this.microphone?.deviceId ?? "";
    if (select.selectedIndex < 0) select.selectedIndex = 0; // the default one, under another id
    part(this.root, "devices").hidden = found.length < 2;
  }
}
