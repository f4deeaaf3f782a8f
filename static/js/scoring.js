// The score sheet: says what is saved, marks what is not and sends it again. Without this script
// every criterion is a form with its own button, or the whole sheet is one form.
(() => {
  "use strict";

  const sheet = document.querySelector("[data-ocop-sheet]");
  const totals = document.getElementById("totals");
  if (!sheet || !totals || !window.htmx) return;

  const RETRY_MILLISECONDS = 10000;
  const announcement = document.querySelector("[data-ocop-announce]");
  const comment = document.querySelector("[data-ocop-comment]");
  sheet.classList.add("is-live");
  comment?.classList.add("is-live");

  // What saves a criterion: its own form, or its part of the form around the sheet.
  const CRITERION = "form.ocop-score-criterion, [data-ocop-criterion]";
  const isOurs = (form) => form === comment || (form.matches(CRITERION) && sheet.contains(form));
  const inState = (state) => [...sheet.querySelectorAll(`[data-state="${state}"]`), ...(comment?.dataset.state === state ? [comment] : [])];

  // --- What is saved ------------------------------------------------------------------------------

  const setState = (form, state) => {
    form.dataset.state = state;
    const text = form.querySelector("[data-ocop-state]");
    if (state === "saving") text.textContent = "Đang lưu…";
    else if (state === "saved") text.textContent = form === comment ? `Đã lưu ${clock()}` : pointsOf(form);
    else text.textContent = "Chưa lưu";
    const why = form.querySelector("[data-ocop-failed]");
    if (why) why.textContent = state === "refused" ? "Không lưu được lựa chọn này." : "Chưa lưu được, sẽ tự gửi lại.";
    if (state !== "saved") return;
    form.classList.add("is-answered");
    form.classList.remove("is-target");
  };

  // What the person knows to be chosen goes with every choice, so that nothing from another window
  // is replaced unseen. Where an answer got lost, both the old and the sent choice are known.
  const remember = (form, option, isCertain) => {
    const [first, ...others] = form.querySelectorAll("input[name^=seen]");
    if (!first || option === null) return;
    if (isCertain) {
      first.value = option;
      for (const other of others) other.remove();
    } else if (![first, ...others].some((known) => known.value === option)) {
      const known = first.cloneNode();
      known.value = option;
      first.after(known);
    }
  };

  const clock = () => new Date().toLocaleTimeString("vi-VN", { hour12: false });

  const pointsOf = (form) => `${form.querySelector("input[type=radio]:checked")?.dataset.points ?? 0}/${form.dataset.max}`;

  const showOverall = () => {
    const text = totals.querySelector("[data-ocop-saved]");
    if (!text) return;
    const failed = inState("failed").length + inState("refused").length;
    text.classList.toggle("is-failed", failed > 0);
    if (failed) text.textContent = `Chưa lưu ${failed} mục`;
    else if (inState("saving").length) text.textContent = "Đang lưu…";
  };

  // The session has ended: the answer is the sign-in page, with status 200.
  const wasSaved = ({ successful, xhr, pathInfo }) =>
    successful && new URL(xhr.responseURL).pathname === new URL(pathInfo.finalRequestPath, location).pathname;

  const onBeforeRequest = (event) => {
    const form = event.detail.elt;
    if (!isOurs(form)) return;
    setState(form, "saving");
    showOverall();
  };

  const onAfterRequest = (event) => {
    const form = event.detail.elt;
    // A box that was not saved goes back to what stands.
    if (form.matches("input[type=checkbox]") && !wasSaved(event.detail)) form.checked = !form.checked;
    if (!isOurs(form)) return;
    const { xhr, requestConfig } = event.detail;
    const isSaved = wasSaved(event.detail);
    if (isSaved) setState(form, "saved");
    else setState(form, xhr?.status === 409 ? "refused" : "failed");
    if (xhr?.status !== 409) remember(form, requestConfig.formData.get(form.dataset.field ?? "option"), isSaved);
    delete form.dataset.retry;
    showOverall();
    const left = totals.querySelector("progress");
    if (form.dataset.state === "saved" && form !== comment) {
      announcement.textContent = `Đã lưu. Đã chấm ${left.value}/${left.max} tiêu chí.`;
    }
  };

  // Answers may arrive out of order: the totals never go back to an older version.
  const onBeforeSwap = (event) => {
    if (event.detail.target !== totals) return;
    const versionIn = (text) => Number(/data-version="(\d+)"/.exec(text)?.[1] ?? 0);
    if (versionIn(event.detail.serverResponse) < versionIn(totals.innerHTML)) event.detail.shouldSwap = false;
  };

  // --- Sending again ------------------------------------------------------------------------------

  const retry = () => {
    for (const form of inState("failed")) {
      form.dataset.retry = "";
      if (form.requestSubmit) form.requestSubmit();
      else window.htmx.trigger(form.querySelector("fieldset"), "change");
    }
  };

  // The page has said it once: a second failure does not take the focus away again.
  const keepQuiet = (event) => {
    if (event.target.dataset?.retry !== undefined) event.stopPropagation();
  };

  const onLeaving = (event) => {
    if (["saving", "failed"].some((state) => inState(state).length)) event.preventDefault();
  };

  // --- Keyboard and jumps -------------------------------------------------------------------------

  // A digit typed inside a criterion chooses the option with so many points.
  const onKey = (event) => {
    if (event.target.type !== "radio" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!/^\d$/.test(event.key)) return;
    const radios = [...event.target.closest(CRITERION).querySelectorAll("input[type=radio]")];
    const fitting = radios.filter((radio) => radio.dataset.points === event.key);
    if (!fitting.length) return;
    event.preventDefault();
    const next = fitting[(fitting.findIndex((radio) => radio.checked) + 1) % fitting.length];
    next.focus();
    if (!next.checked) next.click();
  };

  const onClick = (event) => {
    const link = event.target.closest("[data-ocop-jump]");
    const form = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!form) return;
    event.preventDefault();
    const radio = form.querySelector("input[type=radio]:checked") ?? form.querySelector("input[type=radio]");
    for (const marked of sheet.querySelectorAll(".is-target")) marked.classList.remove("is-target");
    form.classList.add("is-target");
    radio.focus({ preventScroll: true });
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    form.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
  };

  // On a phone the dossier is folded: the criteria come first.
  const dossier = document.querySelector("[data-ocop-dossier]");
  if (dossier && window.matchMedia("(max-width: 1199.98px)").matches) dossier.open = false;

  for (const root of [sheet, comment].filter(Boolean)) {
    root.addEventListener("htmx:beforeRequest", onBeforeRequest);
    root.addEventListener("htmx:afterRequest", onAfterRequest);
    root.addEventListener("htmx:responseError", keepQuiet);
    root.addEventListener("htmx:sendError", keepQuiet);
  }
  document.addEventListener("htmx:beforeSwap", onBeforeSwap);
  document.addEventListener("click", onClick);
  sheet.addEventListener("keydown", onKey);
  window.addEventListener("online", retry);
  window.addEventListener("beforeunload", onLeaving);
  setInterval(retry, RETRY_MILLISECONDS);
})();
