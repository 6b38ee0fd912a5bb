// @ts-check
// What every page has: dialogs become modal, buttons say that they work, copying, printing, countdowns.

for (const dialog of document.querySelectorAll("dialog[open][data-modal]")) {
  const open = /** @type {HTMLDialogElement} */ (dialog);
  open.close();
  open.showModal();
  open.addEventListener("cancel", (event) => {
    event.preventDefault();
    const way = open.querySelector("[data-cancel]");
    if (way instanceof HTMLElement) way.click();
  });
}

for (const form of document.querySelectorAll("form:not([data-ceremony])")) {
  form.addEventListener("submit", (event) => {
    const button = /** @type {SubmitEvent} */ (event).submitter;
    if (!(button instanceof HTMLButtonElement) || form.getAttribute("method") !== "post") return;
    // The button's own name and value must still be sent, so it is switched off a moment later.
    setTimeout(() => { button.disabled = true; });
    const busy = setTimeout(() => {
      const words = document.getElementById("words")?.dataset;
      if (!words?.saving) return;
      button.style.inlineSize = `${button.offsetWidth}px`;
      button.textContent = words.saving;
    }, 400);
    window.addEventListener("pageshow", () => { clearTimeout(busy); button.disabled = false; }, { once: true });
  });
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(/** @type {HTMLElement} */ (button).dataset.copy ?? "");
    await navigator.clipboard.writeText((source?.dataset.text ?? source?.textContent ?? "").trim());
    const said = document.getElementById("copied");
    if (said) said.textContent = said.dataset.word ?? "";
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("button[data-reveal]")) {
  const field = document.getElementById(/** @type {HTMLElement} */ (button).dataset.reveal ?? "");
  if (!(field instanceof HTMLInputElement)) continue;
  button.removeAttribute("hidden");
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
}

for (const field of document.querySelectorAll("input[data-select]")) /** @type {HTMLInputElement} */ (field).select();

for (const element of document.querySelectorAll("[data-until]")) {
  const clock = /** @type {HTMLElement} */ (element);
  const tick = () => {
    const left = Math.ceil((Number(clock.dataset.until) - Date.now()) / 1000);
    clock.textContent = String(Math.max(left, 0));
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}

document.querySelector("[data-focus]")?.scrollIntoView({ block: "center" });
/** @type {HTMLElement | null} */ (document.querySelector("[data-focus]"))?.focus();
