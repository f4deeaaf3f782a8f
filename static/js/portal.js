// Small comforts; every page works without them. Hooks are data-ocop-* attributes.
(() => {
  "use strict";

  // --- Errors: the summary at the top of a form takes the focus --------------------------------

  const focusErrors = (root) => {
    const summary = root.querySelector("[data-ocop-error-summary]");
    if (!summary) return;
    if (!document.title.startsWith("Lỗi: ")) document.title = `Lỗi: ${document.title}`;
    summary.focus();
  };

  // --- Forms marked data-ocop-once are sent once -------------------------------------------------

  const setBusy = (form, busy) => {
    form.toggleAttribute("data-ocop-sent", busy);
    for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
      if (busy) button.setAttribute("aria-busy", "true");
      else button.removeAttribute("aria-busy");
    }
  };

  const onSubmit = (event) => {
    const form = event.target;
    if (form.hasAttribute("data-ocop-sent")) {
      event.preventDefault();
      return;
    }
    const submitter = event.submitter;
    const asking = submitter?.dataset.ocopConfirm ? submitter : form;
    if (asking.dataset.ocopConfirm && !form.hasAttribute("data-ocop-confirmed")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(asking.dataset.ocopConfirm, asking.dataset, () => {
        form.setAttribute("data-ocop-confirmed", "");
        form.requestSubmit(submitter);
        form.removeAttribute("data-ocop-confirmed");
      });
      return;
    }
    if (form.hasAttribute("data-ocop-once")) setBusy(form, true);
  };

  // --- Questions before a step: data-ocop-confirm, and htmx's hx-confirm --------------------------

  const ask = (question, words, go) => {
    const dialog = document.getElementById("confirm");
    const detail = document.getElementById("confirm-detail");
    document.getElementById("confirm-question").textContent = question;
    detail.textContent = words.ocopConfirmDetail || "";
    detail.hidden = !words.ocopConfirmDetail;
    const yes = document.getElementById("confirm-yes");
    yes.textContent = words.ocopConfirmYes || "Đồng ý";
    yes.classList.toggle("btn-danger", words.ocopConfirmTone === "danger");
    yes.classList.toggle("btn-primary", words.ocopConfirmTone !== "danger");
    dialog.returnValue = "";
    dialog.addEventListener("close", () => dialog.returnValue === "confirm" && go(), { once: true });
    dialog.showModal();
  };

  const onHtmxConfirm = (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, event.detail.elt.dataset, () => event.detail.issueRequest(true));
  };

  // --- htmx: what went wrong is said at the top of the page ---------------------------------------

  const show = (templateId) => {
    const region = document.getElementById("refused");
    const template = document.getElementById(templateId);
    if (!region || !template) return;
    // A page that asks again every few seconds says it once: the focus stays with the person.
    if (region.firstElementChild?.dataset.template === templateId) return;
    region.replaceChildren(template.content.cloneNode(true));
    region.firstElementChild.dataset.template = templateId;
    bringIntoView(region);
  };

  const bringIntoView = (region) => {
    region.focus({ preventScroll: true });
    region.scrollIntoView({ block: "nearest" });
  };

  const onBeforeSwap = (event) => {
    // The session has ended: the answer is the sign-in page, which does not belong into this one.
    const link = document.getElementById("signed-out-problem")?.content.querySelector("a");
    const answered = event.detail.xhr.responseURL;
    if (link && answered && new URL(answered).pathname === new URL(link.href, location).pathname) {
      event.detail.shouldSwap = false;
      show("signed-out-problem");
    }
  };

  const onAfterSwap = (event) => {
    focusErrors(event.detail.target);
    if (event.detail.target.id === "refused") bringIntoView(event.detail.target);
    else if (event.detail.requestConfig?.verb !== "get") document.getElementById("refused")?.replaceChildren();
  };

  const onFailure = (event) => {
    if (event.detail.xhr?.status !== 409) show("connection-problem");
  };

  // --- Menus and notices --------------------------------------------------------------------------

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details[data-ocop-menu][open]")) {
      if (!menu.contains(except)) menu.open = false;
    }
  };

  const onClick = (event) => {
    closeMenus(event.target);
    event.target.closest("[data-ocop-dismiss]")?.closest(".ocop-message")?.remove();
    if (event.target.closest("[data-ocop-print]")) window.print();
  };

  const onKey = (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details[data-ocop-menu][open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  };

  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusin", (event) => closeMenus(event.target));
  document.addEventListener("htmx:confirm", onHtmxConfirm);
  document.addEventListener("htmx:beforeSwap", onBeforeSwap);
  document.addEventListener("htmx:afterSwap", onAfterSwap);
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (form) setBusy(form, false);
  });
  document.addEventListener("htmx:responseError", onFailure);
  document.addEventListener("htmx:sendError", onFailure);
  // Back from the next page, a form may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-ocop-sent]")) setBusy(form, false);
  });
  // On a narrow screen the present one of many tabs may lie beyond the edge.
  const tab = document.querySelector(".ocop-tabs [aria-current]");
  if (tab) {
    const row = tab.closest(".ocop-tabs");
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
  focusErrors(document);
})();
