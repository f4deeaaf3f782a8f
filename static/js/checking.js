/* Checking a dossier: what was typed and is not saved yet is not left behind without a question. */
(() => {
  "use strict";

  const ROW = ".ocop-check-verdict";
  const UNSAVED = "ocopUnsaved";
  let typed = 0;

  const mark = (event) => {
    const row = event.target.closest(ROW);
    if (row) row.dataset[UNSAVED] = String((typed += 1));
  };

  document.addEventListener("input", mark);

  document.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.target.closest(ROW);
    if (row) event.detail.xhr.ocopSends = row.dataset[UNSAVED];
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const row = event.target.closest(ROW);
    // What was typed while the request was under way still waits for its own.
    if (row && event.detail.successful && event.detail.xhr.ocopSends === row.dataset[UNSAVED]) {
      delete row.dataset[UNSAVED];
    }
  });

  document.addEventListener("submit", (event) => {
    for (const row of event.target.querySelectorAll(ROW)) delete row.dataset[UNSAVED];
  });

  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("[data-ocop-unsaved]")) event.preventDefault();
  });
})();
