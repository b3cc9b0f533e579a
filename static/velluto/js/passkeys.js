// Passkeys: a form with data-passkey asks the browser for a credential and then sends itself.
// add: a new passkey; authenticate: one of this account; login: whichever the person chooses.

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const withIds = (list = []) => list.map((item) => ({ ...item, id: bytes(item.id) }));

async function create(options, form) {
  const publicKey = { ...options.publicKey };
  publicKey.challenge = bytes(publicKey.challenge);
  publicKey.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
  publicKey.excludeCredentials = withIds(publicKey.excludeCredentials);
  const passwordless = form.querySelector('input[name="passwordless"]')?.checked ?? false;
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: passwordless ? "required" : "discouraged",
    requireResidentKey: passwordless,
    ...(passwordless && { userVerification: "required" }),
  };
  const made = await navigator.credentials.create({ publicKey });
  return {
    ...common(made),
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

async function get(options) {
  const publicKey = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
  publicKey.allowCredentials = withIds(publicKey.allowCredentials);
  const given = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature, userHandle } = given.response;
  return {
    ...common(given),
    response: {
      clientDataJSON: text(clientDataJSON),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  };
}

const common = (credential) => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment,
  clientExtensionResults: credential.getClientExtensionResults(),
});

const onPage = () => JSON.parse(document.getElementById("passkey-options").textContent);

async function fromServer(form) {
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error("The server did not answer. Try again in a moment.");
  return response.json();
}

const actions = {
  add: async (form) => create(onPage().creation_options, form),
  authenticate: async () => get(onPage().request_options),
  login: async (form) => get((await fromServer(form)).request_options),
};

const sentences = {
  NotAllowedError: "Nothing was confirmed. Try again, and confirm when your browser asks.",
  InvalidStateError: "This device already holds a passkey for this account.",
  SecurityError: "Browsers allow passkeys only at a secure address (https) or at localhost.",
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector('[type="submit"]');
  const alert = form.querySelector('[role="alert"]');
  if (!window.PublicKeyCredential) {
    button.disabled = true;
    alert.hidden = false;
    alert.textContent = window.isSecureContext ? "This browser knows no passkeys." : sentences.SecurityError;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    alert.hidden = true;
    button.disabled = true;
    try {
      form.elements.credential.value = JSON.stringify(await actions[form.dataset.passkey](form));
      form.submit();
    } catch (error) {
      alert.textContent = sentences[error.name] ?? error.message;
      alert.hidden = false;
      button.disabled = false;
    }
  });
}
