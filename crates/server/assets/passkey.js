// @ts-check
// Forms that carry a passkey ceremony. Markup decides everything:
//   <form data-ceremony="get" data-options="URL" data-finish="URL">  fields travel along; [role=status] speaks
//   data-autostart   begins once by itself         data-conditional   answers from autofill, silently
//   a submit button with data-plain               is an ordinary submit
import { abort, capable, create, explain, get, post, Refused, signal, signalUnknown, supported, word } from "./ceremony.js";

const RENEW_AFTER = 4 * 60 * 1000; // a challenge lives five minutes

/** How many ceremonies that a person began are under way: autofill waits until none is. */
let running = 0;

for (const form of document.querySelectorAll("form[data-ceremony]")) prepare(/** @type {HTMLFormElement} */ (form));
tellManagers();
makeQuietly();

/** @param {HTMLFormElement} form */
function prepare(form) {
  let failures = 0;
  const kind = form.dataset.ceremony === "create" ? "create" : "get";
  if (!supported()) return say(form, word("unsupported"), true), strengthenFallback();
  for (const button of form.querySelectorAll("button[disabled]")) {
    // Without this script the button does nothing, and so it comes switched off.
    button.removeAttribute("disabled");
    if (button.hasAttribute("autofocus")) /** @type {HTMLElement} */ (button).focus();
  }
  form.addEventListener("submit", async (event) => {
    if (event.submitter instanceof HTMLElement && "plain" in event.submitter.dataset) return abort();
    event.preventDefault();
    if (!form.reportValidity()) return;
    if (await run(form, kind)) return;
    failures += 1;
    if (failures >= 2) strengthenFallback();
  });
  if ("autostart" in form.dataset) {
    // Once, and quietly: a browser that wants a click first refuses, and the button waits.
    run(form, kind, true);
  }
  if ("conditional" in form.dataset) conditional(form);
  window.addEventListener("pagehide", abort);
}

/** @param {HTMLFormElement} form @param {"create" | "get"} kind @param {boolean} [quiet] */
async function run(form, kind, quiet = false) {
  const button = form.querySelector("button:not([data-plain])");
  try {
    running += 1;
    abort();
    button?.setAttribute("disabled", "");
    const answer = await ceremony(form, kind).catch((error) => {
      // Renewed silently once.
      if (error instanceof Refused && error.code === "stale") return ceremony(form, kind);
      throw error;
    });
    await settled(signal("signalAllAcceptedCredentials", answer.signal_all ?? {}), answer.signal_all);
    location.assign(answer.location);
    return true;
  } catch (error) {
    if (error instanceof Refused && error.unknown) signalUnknown(error.unknown);
    if (error?.name === "AbortError") return say(form, ""), true;
    if (quiet && error?.name === "NotAllowedError") return say(form, ""), false;
    say(form, explain(error, kind), true);
    if (error instanceof Refused && error.code === "stale") offer(form, word("again"), form.dataset.restart);
    else retry(form, button);
    if (error?.name === "NotAllowedError") {
      offer(form, word("elsewhere"), document.querySelector("a[data-fallback]")?.getAttribute("href"));
    }
    return false;
  } finally {
    running -= 1;
    button?.removeAttribute("disabled");
  }
}

/** From the server's options to its answer. @param {HTMLFormElement} form @param {"create" | "get"} kind */
async function ceremony(form, kind) {
  say(form, word("waiting"));
  const { publicKey, state } = await post(form.dataset.options ?? "", fields(form));
  const response = kind === "create" ? await create(publicKey) : await pick(form, publicKey);
  say(form, word("checking"));
  return post(form.dataset.finish ?? "", { ...fields(form), state, response });
}

/** The immediate mode first where the browser has it: it tells at once that there is nothing here. */
async function pick(/** @type {HTMLFormElement} */ form, /** @type {any} */ publicKey) {
  if ("immediate" in form.dataset && (await capable("immediateGet"))) {
    try {
      return await get({ ...publicKey, allowCredentials: [] }, { uiMode: "immediate" });
    } catch (error) {
      if (error?.name !== "NotAllowedError" && error?.name !== "TypeError") throw error;
      say(form, word("none"), true);
    }
  }
  return get(publicKey);
}

/** @param {HTMLFormElement} form */
async function conditional(form) {
  if (!(await capable("conditionalGet"))) return;
  let begun = 0;
  const begin = async () => {
    begun = Date.now();
    try {
      const { publicKey, state } = await post(form.dataset.options ?? "", {});
      if (running) return;
      const response = await get({ ...publicKey, allowCredentials: [] }, { mediation: "conditional" });
      say(form, word("checking"));
      const answer = await post(form.dataset.finish ?? "", { ...fields(form), state, response });
      location.assign(answer.location);
    } catch (error) {
      // Only what the server said of a passkey that a person chose is worth a word.
      if (!(error instanceof Refused) || error.code === "offline") return;
      if (error.unknown) signalUnknown(error.unknown);
      say(form, explain(error, "get"), true);
    }
  };
  begin();
  // A ceremony that a person began is theirs: only autofill's own request is renewed.
  const renew = () => { if (!running) { abort(); begin(); } };
  setInterval(() => { if (Date.now() - begun > RENEW_AFTER) renew(); }, 30 * 1000);
  window.addEventListener("pageshow", (event) => { if (event.persisted) renew(); });
}

/** Password managers are told which passkeys stand, and under which name. Fire and forget. */
function tellManagers() {
  const told = document.getElementById("signals")?.dataset;
  if (!told) return;
  const rpId = word("rpId");
  signal("signalAllAcceptedCredentials", { rpId, userId: told.user, allAcceptedCredentialIds: JSON.parse(told.credentials ?? "[]") });
  signal("signalCurrentUserDetails", { rpId, userId: told.user, name: told.name, displayName: told.displayName });
}

for (const form of document.querySelectorAll("form[data-unknown]")) {
  form.addEventListener("submit", () => signalUnknown(/** @type {HTMLElement} */ (form).dataset.unknown ?? ""));
}

/** After a password: the browser may add a passkey by itself. Nothing waits for it, and what fails is silent. */
async function makeQuietly() {
  const told = document.getElementById("quiet-passkey");
  const at = told?.dataset.at;
  if (!told || !at || !(await capable("conditionalCreate"))) return;
  window.addEventListener("pagehide", abort);
  const enough = setTimeout(abort, 10 * 1000);
  let made = "";
  try {
    const { publicKey, state } = await post(`${at}/options`, {});
    const response = await create(publicKey, { mediation: "conditional" });
    made = response.id;
    const answer = await post(at, { state, response });
    told.append(told.dataset.made ?? "");
    for (const way of ["review", "remove"]) {
      const link = document.createElement("a");
      link.href = answer[way];
      link.textContent = told.dataset[way] ?? "";
      told.append(" ", link);
    }
  } catch (error) {
    if (made && error instanceof Refused && error.code !== "offline") signalUnknown(made);
  } finally {
    clearTimeout(enough);
  }
}

/** @param {Promise<any>} promise @param {unknown} wanted */
function settled(promise, wanted) {
  return wanted ? Promise.race([promise, new Promise((done) => setTimeout(done, 200))]) : undefined;
}

/** @param {HTMLFormElement} form */
function fields(form) {
  return Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "csrf"));
}

/** @param {HTMLFormElement} form @param {string} message @param {boolean} [bad] */
function say(form, message, bad = false) {
  const status = form.querySelector("[role=status]") ?? document.getElementById("ceremony-status");
  if (!status) return;
  status.textContent = message;
  status.classList.toggle("bad", bad);
}

/** A way on, after the sentence. @param {HTMLFormElement} form @param {string} name @param {string | null | undefined} address */
function offer(form, name, address) {
  const status = form.querySelector("[role=status]");
  if (!status || !address || !name) return;
  const way = document.createElement("a");
  way.href = address;
  way.textContent = name;
  status.append(" ", way);
}

/** `Try again`, after the sentence: what the form's own button does. @param {HTMLFormElement} form @param {Element | null} button */
function retry(form, button) {
  const status = form.querySelector("[role=status]") ?? document.getElementById("ceremony-status");
  if (!status || !word("retry")) return;
  const way = document.createElement("button");
  way.type = "button";
  way.className = "link";
  way.dataset.plain = "";
  way.textContent = word("retry");
  way.addEventListener("click", () => {
    if (button instanceof HTMLElement) button.focus();
    form.requestSubmit(button instanceof HTMLButtonElement ? button : null);
  });
  status.append(" ", way);
}

function strengthenFallback() {
  for (const way of document.querySelectorAll("[data-fallback]")) {
    way.classList.add("button", "primary");
    way.classList.remove("link");
  }
  for (const button of document.querySelectorAll("form[data-ceremony] button.primary:not([data-plain])")) {
    button.classList.remove("primary");
  }
}
