// @ts-check
// response_mode=form_post: the answer to the application goes by itself; without script its button does it.
/** @type {HTMLFormElement | null} */ (document.querySelector("form[data-post]"))?.submit();
