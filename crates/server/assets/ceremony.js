// @ts-check
// The browser's half of the two passkey ceremonies: what is asked of the server, the browser's dialog, the answer.
// One request at a time: a pending one makes every other fail with OperationError, so each start aborts the last.

/** @type {AbortController | null} */
let pending = null;

/** Ends the request that is under way, if there is one. */
export function abort() {
  pending?.abort();
  pending = null;
}

/** What the server refused, with the words for the person. */
export class Refused extends Error {
  /** @param {{code?: string, message?: string, event?: string, signal_unknown?: string}} error */
  constructor(error) {
    super(error.message || word("failed"));
    this.code = error.code || "";
    this.event = error.event || "";
    this.unknown = error.signal_unknown || "";
  }
}

/** A sentence of the page, in its language. @param {string} name */
export function word(name) {
  return document.getElementById("words")?.dataset[name] ?? "";
}

/** @param {string} url @param {object} body */
export async function post(url, body) {
  const csrf = document.querySelector('meta[name="csrf"]')?.getAttribute("content") ?? "";
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", "x-csrf-token": csrf },
      body: JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
    });
  } catch {
    throw new Refused({ code: "offline", message: word("offline") });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.error ?? {});
  return answer;
}

/** Whether this page can have passkeys at all. */
export function supported() {
  return window.isSecureContext && typeof window.PublicKeyCredential === "function";
}

/** The browser's own word on one capability, false when it does not say. @param {string} name */
export async function capable(name) {
  if (!supported()) return false;
  const passkeys = /** @type {any} */ (window.PublicKeyCredential);
  try {
    if (typeof passkeys.getClientCapabilities === "function") {
      const capabilities = await passkeys.getClientCapabilities();
      if (name in capabilities) return capabilities[name] === true;
    }
    if (name === "conditionalGet" && typeof passkeys.isConditionalMediationAvailable === "function") {
      return await passkeys.isConditionalMediationAvailable();
    }
  } catch {
    return false;
  }
  return false;
}

/** @param {any} json @param {object} [how] */
export async function create(json, how = {}) {
  abort();
  pending = new AbortController();
  const passkeys = /** @type {any} */ (window.PublicKeyCredential);
  const publicKey = passkeys.parseCreationOptionsFromJSON
    ? passkeys.parseCreationOptionsFromJSON(json)
    : { ...json, challenge: bytes(json.challenge), user: { ...json.user, id: bytes(json.user.id) },
        excludeCredentials: descriptors(json.excludeCredentials) };
  return answer(await navigator.credentials.create(/** @type {any} */ ({ publicKey, signal: pending.signal, ...how })));
}

/** @param {any} json @param {object} [how] */
export async function get(json, how = {}) {
  abort();
  pending = new AbortController();
  const passkeys = /** @type {any} */ (window.PublicKeyCredential);
  const publicKey = passkeys.parseRequestOptionsFromJSON
    ? passkeys.parseRequestOptionsFromJSON(json)
    : { ...json, challenge: bytes(json.challenge), allowCredentials: descriptors(json.allowCredentials) };
  return answer(await navigator.credentials.get(/** @type {any} */ ({ publicKey, signal: pending.signal, ...how })));
}

/** Tells password managers that a credential is dead. Never awaited. @param {string} id */
export function signalUnknown(id) {
  signal("signalUnknownCredential", { rpId: word("rpId"), credentialId: id });
}

/** @param {string} method @param {object} details */
export function signal(method, details) {
  const passkeys = /** @type {any} */ (window.PublicKeyCredential);
  if (typeof passkeys?.[method] !== "function") return Promise.resolve();
  return Promise.resolve(passkeys[method](details)).catch(() => {});
}

/** What happened, in the page's words. @param {any} error @param {"create" | "get"} kind */
export function explain(error, kind) {
  if (error instanceof Refused) return error.event ? `${error.message} (${error.event})` : error.message;
  switch (error?.name) {
    case "NotAllowedError": return word("closed");
    case "InvalidStateError": return kind === "create" ? word("already") : word("failed");
    case "SecurityError": return word("address");
    case "ConstraintError":
    case "NotSupportedError": return word("noPin");
    default: return word("failed");
  }
}

/** @param {any} credential */
function answer(credential) {
  pending = null;
  if (!credential) throw new DOMException("no credential", "NotAllowedError");
  if (typeof credential.toJSON === "function") return credential.toJSON();
  const from = credential.response;
  const response = { clientDataJSON: text(from.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (from[name]) response[name] = text(from[name]);
  }
  if (from.getTransports) response["transports"] = from.getTransports();
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

/** @param {any[] | undefined} list */
function descriptors(list) {
  return (list ?? []).map((entry) => ({ ...entry, id: bytes(entry.id) }));
}

/** @param {string} base64url */
function bytes(base64url) {
  const raw = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer */
function text(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
