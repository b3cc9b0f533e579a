// The microphone itself: may we have it, open it, hear it, keep what it hears.

import { finding } from "./findings.js";

const WORKLET = new URL("./capture-worklet.js", import.meta.url);
const REMEMBERED = "velluto.microphone";

// The browser's echo cancellation, noise suppression and gain control are made for telephone calls. They cut the ends off
// words, pump the level and change the colour of a voice: a sample must sound like the person, not like the filter, and
// level and noise could not be judged behind them.
const UNTOUCHED = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: { ideal: 1 } };

// What stands between this page and any microphone, as a finding; null when nothing is known to.
export async function obstacle() {
  if (!window.isSecureContext) return finding("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) return finding("unsupported");
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  if (policy?.allowsFeature && !policy.allowsFeature("microphone")) return finding("policy");
  if ((await permission()) === "denied") return finding("denied");
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some((device) => device.kind === "audioinput")) return finding("missing");
  return null;
}

// "granted", "denied" or "prompt"; "unknown" in browsers that do not tell.
export async function permission() {
  try {
    return (await navigator.permissions.query({ name: "microphone" })).state;
  } catch {
    return "unknown";
  }
}

// Which finding explains that getUserMedia failed.
export function refusalOf(error) {
  switch (error.name) {
    case "NotAllowedError":
      if (/system/i.test(error.message)) return finding("denied-by-system");
      return finding(/dismiss/i.test(error.message) ? "dismissed" : "denied");
    case "SecurityError":
      return finding("policy");
    case "NotFoundError":
    case "OverconstrainedError":
      return finding("missing");
    case "NotReadableError":
    case "AbortError":
      return finding("busy");
    default:
      return finding("unsupported");
  }
}

async function openStream(deviceId) {
  const ask = (audio) => navigator.mediaDevices.getUserMedia({ audio });
  if (!deviceId) return ask(UNTOUCHED);
  try {
    return await ask({ ...UNTOUCHED, deviceId: { exact: deviceId } });
  } catch (error) {
    if (error.name !== "OverconstrainedError" && error.name !== "NotFoundError") throw error;
    return ask(UNTOUCHED); // the one chosen earlier has been unplugged
  }
}

export class Microphone {
  // Open the chosen microphone (or the browser's default); rejects as getUserMedia does. Needs a user gesture before it.
  static async open(deviceId = sessionStorage.getItem(REMEMBERED)) {
    const stream = await openStream(deviceId);
    const context = new AudioContext();
    try {
      await context.audioWorklet.addModule(WORKLET);
      await context.resume();
    } catch (error) {
      stream.getTracks().forEach((track) => track.stop());
      await context.close();
      throw error;
    }
    return new Microphone(stream, context);
  }

  constructor(stream, context) {
    this.stream = stream;
    this.context = context;
    this.rate = context.sampleRate;
    this.listeners = new Set();
    this.kept = null;
    this.onlost = null;
    const [track] = stream.getAudioTracks();
    this.deviceId = track.getSettings().deviceId;
    track.addEventListener("ended", () => this.lose());
    // Phones take the microphone away for a call: the context is interrupted, the track often lives on.
    context.addEventListener("statechange", () => context.state !== "running" && this.lose());

    this.capture = new AudioWorkletNode(context, "velluto-capture", {
      channelCount: 1,
      channelCountMode: "explicit",
    });
    this.capture.port.onmessage = ({ data }) => this.hear(data);
    this.source = context.createMediaStreamSource(stream);
    // Safari pulls only what leads to the destination; the processor writes nothing, so nothing is heard.
    this.source.connect(this.capture).connect(context.destination);
  }

  hear(block) {
    this.kept?.push(block);
    for (const listener of this.listeners) listener(block);
  }

  // Call `listener(block)` for each block of samples; returns a function that ends it.
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  keep() {
    this.kept = [];
  }

  // Return all samples since keep(), at most `seconds` of them.
  take(seconds = Infinity) {
    const blocks = this.kept ?? [];
    this.kept = null;
    const samples = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
    let at = 0;
    for (const block of blocks) {
      samples.set(block, at);
      at += block.length;
    }
    return samples.subarray(0, Math.min(samples.length, Math.floor(seconds * this.rate)));
  }

  lose() {
    if (this.closed) return;
    this.onlost?.();
  }

  close() {
    this.closed = true;
    this.capture.port.onmessage = null;
    this.stream.getTracks().forEach((track) => track.stop());
    this.context.close();
  }
}

// The microphones one can choose between. Their names are known only once permission was given.
export async function microphones() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === "audioinput" && device.label);
}

// Keep the choice for the next steps in this tab: sample and phrase should come from one microphone.
export function remember(deviceId) {
  sessionStorage.setItem(REMEMBERED, deviceId);
}
