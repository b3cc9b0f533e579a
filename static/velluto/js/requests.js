// Asking the server: every failure comes back as a Failure with a sentence and a next step.

import { pause } from "./dom.js";

export class Failure extends Error {
  // `again`: the same request may succeed later as it is (the network or the server failed, not what was sent).
  constructor({ code, message, next_step = "", ...more }, again = false) {
    super(message);
    Object.assign(this, more, { code, next_step, again });
  }
}

const OFFLINE = {
  code: "network",
  message: "The connection was lost.",
  next_step: "Check your connection, then send again.",
};

const BY_STATUS = {
  403: {
    code: "session",
    message: "The server did not accept this page's session.",
    next_step: "Sign in again in another tab, then send again.",
  },
  413: { code: "too-large", message: "The file is too large.", next_step: "Send a shorter or a compressed recording." },
  429: { code: "slow-down", message: "That was too often.", next_step: "Wait a minute, then try again." },
};

const UNCLEAR = {
  code: "server",
  message: "The server could not answer.",
  next_step: "Wait a moment, then try again.",
};

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// Turn an answer into its JSON object, or throw the Failure it stands for.
function judge(status, text) {
  const body = parsed(text);
  if (status >= 200 && status < 300) {
    if (body !== null) return body;
    throw new Failure(BY_STATUS[403], true); // a page came back instead of an answer: we were sent to sign in
  }
  const again = status >= 500 || status === 429 || (status === 403 && !body?.error);
  throw new Failure(body?.error ?? BY_STATUS[status] ?? UNCLEAR, again);
}

// Ask for JSON. With follow: false an answer that leads to a page counts as done and that page is not fetched: fetching it
// would use up the message it has for the reader.
export async function ask(url, { method = "GET", token = "", follow = true } = {}) {
  const redirect = follow ? "follow" : "manual";
  const headers = { Accept: "application/json" };
  if (token) headers["X-CSRFToken"] = token;
  let answer;
  let text;
  try {
    answer = await fetch(url, { method, headers, credentials: "same-origin", cache: "no-store", redirect });
    if (answer.type === "opaqueredirect") return {};
    text = await answer.text();
  } catch {
    throw new Failure({ ...OFFLINE, next_step: "Check your connection, then try again." }, true);
  }
  return judge(answer.status, text);
}

function send(url, fields, { token, key, onprogress }) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const [name, value, fileName] of fields) {
      if (fileName) form.append(name, value, fileName);
      else form.append(name, value);
    }
    const request = new XMLHttpRequest(); // fetch still cannot tell how much of a body has been sent
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = (event) => event.lengthComputable && onprogress?.(event.loaded / event.total);
    request.onerror = () => reject(new Failure(OFFLINE, true));
    request.onabort = request.onerror;
    request.onload = () => {
      try {
        resolve(judge(request.status, request.responseText));
      } catch (failure) {
        reject(failure);
      }
    };
    request.send(form);
  });
}

// Upload fields as multipart form data. Tries again after each of `waits` milliseconds where the network or the server
// failed; all tries carry one Idempotency-Key, so that a server may know a repeated take.
export async function upload(url, fields, { token, key, onprogress, onwait, waits = [1000, 3000] }) {
  for (const wait of [...waits, null]) {
    try {
      return await send(url, fields, { token, key, onprogress });
    } catch (failure) {
      const passing = failure.code === "network" || failure.code === "server";
      if (!failure.again || !passing || wait === null) throw failure;
      onwait?.(failure);
      await pause(wait);
    }
  }
  throw new Failure(OFFLINE, true);
}

// Put the token of the present session into `form`: signing in again makes the one on the page invalid.
export async function renewToken(form) {
  const page = await (await fetch(window.location.href, { credentials: "same-origin" })).text();
  const found = new DOMParser().parseFromString(page, "text/html").querySelector("input[name=csrfmiddlewaretoken]");
  const field = form.querySelector("input[name=csrfmiddlewaretoken]");
  if (found && field) field.value = found.value;
}

// crypto.randomUUID exists on secure pages only; a file may be uploaded from any.
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
