// What was found about the microphone, in sentences: what is so, and what to do about it.

const VERDICTS = { good: "Good", warn: "Careful", bad: "Problem" };

// Levels in dBFS without gain control, where a voice at arm's length lies around -40 to -20.
const VOICE_MISSING = -52;
const VOICE_QUIET = -42;
const ABOVE_NOISE_BAD = 10; // dB; below this the server's estimate of signal to noise refuses too
const ABOVE_NOISE_WARN = 18;
const CLIPPED_BAD = 0.001; // share of samples
const CLIPPED_WARN = 0.00005;
const HUM_SHARE = 0.5;
const HUM_LEVEL = -66;
const MUTED_PEAK = -80;

const OBSTACLES = {
  insecure: [
    "Connection",
    "This page was not opened over a secure connection, and browsers give the microphone only to secure pages.",
    "Open the same address with https:// in front, or use localhost on your own machine.",
  ],
  unsupported: [
    "Browser",
    "This browser cannot record sound in a page.",
    "Use a current Chrome, Edge, Firefox or Safari, or upload a recording instead.",
  ],
  policy: [
    "Site",
    "This site's own settings keep the microphone from this page.",
    "Tell the people who run it that the Permissions-Policy header must allow microphone for the site itself. Until then, upload a recording.",
  ],
  denied: ["Permission", "Your browser does not let this page use the microphone.", null],
  "denied-by-system": [
    "Permission",
    "Your computer does not let the browser use the microphone.",
    "Allow it in the system's privacy settings under Microphone, start the browser again, then check again.",
  ],
  dismissed: [
    "Permission",
    "The question about the microphone was closed without an answer.",
    "Check again, and choose Allow when the browser asks.",
  ],
  missing: [
    "Microphone",
    "No microphone was found.",
    "Plug one in or switch your headset on, then check again. You can also use your phone.",
  ],
  busy: [
    "Microphone",
    "The microphone is there, but it would not start.",
    "Close other programs that may be using it, such as a call, then check again.",
  ],
  lost: [
    "Microphone",
    "The microphone stopped.",
    "Plug it in again or end the call that took it, then check again.",
  ],
};

// How to take a refusal back, in the words of the browser at hand.
export function permissionAdvice(agent = navigator.userAgent) {
  if (/iPhone|iPad/.test(agent)) {
    return "Tap the page menu in the address bar, choose Website Settings, set Microphone to Allow, then check again.";
  }
  if (/Android/.test(agent)) {
    return "Tap the icon beside the address, choose Permissions, allow Microphone, then check again.";
  }
  if (/Firefox\//.test(agent)) {
    return "Click the crossed-out microphone beside the address, remove the block, then check again.";
  }
  if (/Edg\/|Chrome\//.test(agent)) {
    return "Click the icon left of the address, switch Microphone on, then check again.";
  }
  if (/Safari\//.test(agent)) {
    return "In the menu choose Safari, Settings for This Website, set Microphone to Allow, then check again.";
  }
  return "Allow the microphone for this site in your browser's settings, then check again.";
}

export function finding(code) {
  const [title, sentence, advice] = OBSTACLES[code];
  return { code, title, verdict: "bad", sentence, advice: advice ?? permissionAdvice() };
}

function judged(code, title, verdict, sentence, advice = "") {
  return { code, title, verdict, sentence, advice };
}

function levelFinding(heard) {
  const say = (verdict, sentence, advice) => judged("level", "Level", verdict, sentence, advice);
  if (heard.peak < MUTED_PEAK) {
    return say("bad", "Nothing arrived at all.", "Switch the microphone on, or choose another one, then check again.");
  }
  if (heard.voice < VOICE_MISSING) {
    return say("bad", "We could hardly hear you.", "Move closer, turn the microphone's level up in your system's sound settings, then check again.");
  }
  if (heard.voice < VOICE_QUIET) {
    return say("warn", "You are a little quiet.", "It will do. A hand's width closer is better.");
  }
  return say("good", "You are loud enough.");
}

function noiseFinding(heard) {
  const say = (verdict, sentence, advice) => judged("noise", "Background", verdict, sentence, advice);
  if (heard.above < ABOVE_NOISE_BAD) {
    return say("bad", "Your voice does not stand out from the background.", "Speak when asked to, close windows, switch off fans or music, move closer, then check again.");
  }
  if (heard.above < ABOVE_NOISE_WARN) {
    return say("warn", "There is some noise in the background.", "A quieter room gives a better voice.");
  }
  return say("good", "The room is quiet.");
}

function clippingFinding(heard) {
  const say = (verdict, sentence, advice) => judged("clipping", "Clipping", verdict, sentence, advice);
  if (heard.clipped > CLIPPED_BAD) {
    return say("bad", "The sound is too loud for the microphone and breaks up.", "Move away a little or turn its level down in your system's sound settings, then check again.");
  }
  if (heard.clipped > CLIPPED_WARN) {
    return say("warn", "The loudest moments touch the limit.", "Move away a little.");
  }
  return say("good", "Nothing is too loud.");
}

function humFinding(heard) {
  if (heard.hum.share > HUM_SHARE && heard.hum.level > HUM_LEVEL) {
    return judged("hum", "Hum", "warn", `There is a ${heard.hum.hertz} Hz hum from the mains.`, "Use battery power, or move the microphone away from chargers and lamps.");
  }
  return judged("hum", "Hum", "good", "No hum from the mains.");
}

// Judge a measurement of a few seconds that held a pause and a sentence.
export function findingsOf(heard) {
  const level = levelFinding(heard);
  if (heard.peak < MUTED_PEAK) return [level]; // nothing more can be said about nothing
  return [level, noiseFinding(heard), clippingFinding(heard), humFinding(heard)];
}

export function blocks(findings) {
  return findings.some((one) => one.verdict === "bad");
}

// Put findings into a list element as <li> with a word for the verdict: colour alone tells some people nothing.
export function showFindings(list, findings) {
  list.replaceChildren(
    ...findings.map((one) => {
      const item = document.createElement("li");
      item.className = "finding";
      item.dataset.code = one.code;
      item.dataset.verdict = one.verdict;
      const add = (name, text) => {
        const span = document.createElement("span");
        span.className = `finding-${name}`;
        span.textContent = text;
        item.append(span, " ");
      };
      add("verdict", VERDICTS[one.verdict]);
      add("title", one.title);
      add("sentence", one.sentence);
      if (one.advice) add("advice", one.advice);
      return item;
    }),
  );
}
