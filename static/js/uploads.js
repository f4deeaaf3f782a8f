// Files into a dossier in pieces (tus), by choosing or dropping them; lines may break on the way.
// Without this script the plain forms of the page send whole files.
(() => {
  "use strict";

  const root = document.querySelector("[data-ocop-uploads]");
  if (!root || !window.tus?.isSupported) return;

  const AT_ONCE = 2;
  const PIECE_BYTES = 1024 * 1024;
  const AGAIN_AFTER = 10_000;
  const REFRESH_AFTER = 400;
  const UNSORTED = "unsorted";
  // The file is fine and stays on the server: it is only the dossier that does not take it now.
  const PASSING = new Set(["no_room", "not_editable", "other_pen", "slot_full", "dossier_full"]);

  const list = root.querySelector("[data-ocop-upload-list]");
  const status = root.querySelector("[data-ocop-upload-status]");
  const headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  const waiting = [];
  const jobs = new Set();
  let running = 0;

  const say = (text) => { status.textContent = text; };

  // --- One line for each file ----------------------------------------------------------------------

  const nameOf = (slot) =>
    document.querySelector(`[data-ocop-slot="${CSS.escape(slot)}"] .ocop-slot-name`)?.textContent || "Chưa xếp mục";

  const addRow = (job) => {
    const row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
    row.querySelector("[data-name]").textContent = job.file.name;
    row.querySelector("[data-slot-name]").textContent = nameOf(job.slot);
    row.querySelector("progress").setAttribute("aria-label", `Đã tải ${job.file.name}`);
    for (const button of row.querySelectorAll("button")) {
      button.setAttribute("aria-label", `${button.textContent} ${job.file.name}`);
    }
    row.querySelector("[data-cancel]").addEventListener("click", () => cancel(job));
    row.querySelector("[data-resume]").addEventListener("click", () => enqueue(job));
    job.row = row;
    list.hidden = false;
    list.append(row);
  };

  const show = (job, state, text) => {
    job.state = state;
    for (const name of ["done", "paused", "refused"]) job.row.classList.toggle(`is-${name}`, name === state);
    job.row.querySelector("[data-state]").textContent = text;
    job.row.querySelector("[data-resume]").hidden = state !== "paused";
    const ended = state === "done" || state === "refused";
    const button = job.row.querySelector("[data-cancel]");
    button.textContent = ended ? "Ẩn" : "Hủy";
    button.setAttribute("aria-label", `${button.textContent} ${job.file.name}`);
    if (state === "done") job.row.querySelector("progress").value = 100;
  };

  // --- The way of one file -------------------------------------------------------------------------

  const enqueue = (job) => {
    clearTimeout(job.timer);
    if (!job.row) addRow(job);
    jobs.add(job);
    show(job, "waiting", "Chờ đến lượt");
    waiting.push(job);
    pump();
  };

  const pump = () => {
    while (running < AT_ONCE && waiting.length) {
      running += 1;
      start(waiting.shift());
    }
  };

  const leave = () => {
    running -= 1;
    pump();
  };

  const start = async (job) => {
    show(job, "running", "Đang tải 0 %");
    const upload = new tus.Upload(job.file, {
      endpoint: root.dataset.ocopUploads,
      chunkSize: PIECE_BYTES,
      retryDelays: [500, 2000, 5000],
      // The mark goes when the file has been taken, not when its last byte has been sent.
      removeFingerprintOnSuccess: false,
      metadata: { filename: job.file.name, slot: job.slot },
      headers,
      fingerprint: async (file) =>
        ["ocop", root.dataset.dossier, job.slot, file.name, file.size, file.lastModified].join("/"),
      onProgress: (sent, total) => {
        const percent = Math.floor((sent / total) * 100);
        job.row.querySelector("progress").value = percent;
        job.row.querySelector("[data-state]").textContent = `Đang tải ${percent} %`;
      },
      onSuccess: () => finish(job),
      onError: (error) => stop(job, error),
    });
    job.upload = upload;
    const earlier = await upload.findPreviousUploads();
    if (job.state !== "running") return;
    if (earlier.length) upload.resumeFromPreviousUpload(earlier[0]);
    upload.start();
  };

  const finish = async (job) => {
    show(job, "running", "Đang kiểm tra");
    try {
      const answer = await fetch(`${job.upload.url}xong/`, { method: "POST", headers });
      if (answer.ok && !answer.redirected) taken(job);
      else if (answer.redirected) signedOut(job);
      else judge(job, answer.status, await problemsOf(() => answer.json()));
    } catch {
      pause(job);
    }
  };

  const problemsOf = async (read) => {
    try {
      return (await read()).problems || [];
    } catch {
      return [];
    }
  };

  const stop = async (job, error) => {
    const answer = error.originalResponse;
    if (!answer) return pause(job);
    const asked = answer.getUnderlyingObject()?.responseURL;
    if (asked && error.originalRequest && new URL(asked).pathname !== new URL(error.originalRequest.getURL(), location).pathname) {
      return signedOut(job);
    }
    return judge(job, answer.getStatus(), await problemsOf(() => JSON.parse(answer.getBody())));
  };

  const judge = (job, code, problems) => {
    const text = problems.map((problem) => problem.message).join(" ");
    if (PASSING.has(problems[0]?.code)) return wait(job, text);
    if (code === 423 || code === 429 || code >= 500) return text ? wait(job, text) : pause(job);
    if (problems[0]?.code === "upload_gone") {
      forget(job);
      return wait(job, text);
    }
    return refused(job, text || "Máy chủ không nhận tệp này. Hãy tải lại trang rồi thử lại.");
  };

  const taken = (job) => {
    forget(job);
    show(job, "done", "Xong");
    say(`Đã tải xong ${job.file.name} vào mục ${nameOf(job.slot)}.`);
    refresh(job.slot);
    leave();
  };

  const refused = (job, reason) => {
    forget(job);
    show(job, "refused", `Bị từ chối: ${reason}`);
    say(`${job.file.name} bị từ chối: ${reason}`);
    leave();
  };

  // Stands still until somebody asks for it.
  const wait = (job, reason) => {
    show(job, "paused", `Tạm dừng: ${reason}`);
    say(`${job.file.name} tạm dừng: ${reason}`);
    leave();
  };

  const signedOut = (job) => wait(job, "phiên làm việc đã hết. Hãy đăng nhập lại, tệp sẽ tải tiếp từ chỗ dừng.");

  // Goes on by itself when the line is back.
  const pause = (job) => {
    if (job.state === "cancelled") return;
    job.offline = true;
    show(job, "paused", "Tạm dừng – mất mạng, sẽ tự tải tiếp");
    say(`Mất mạng: ${job.file.name} sẽ tự tải tiếp.`);
    job.timer = setTimeout(() => goOn(job), AGAIN_AFTER);
    leave();
  };

  const goOn = (job) => {
    if (job.state !== "paused" || !job.offline) return;
    job.offline = false;
    enqueue(job);
  };

  const forget = async (job) => {
    const earlier = await job.upload.findPreviousUploads();
    for (const one of earlier) tus.defaultOptions.urlStorage.removeUpload(one.urlStorageKey);
  };

  const cancel = (job) => {
    clearTimeout(job.timer);
    const state = job.state;
    job.state = "cancelled";
    if (waiting.includes(job)) waiting.splice(waiting.indexOf(job), 1);
    if (job.upload && state !== "done" && state !== "refused") {
      job.upload.abort(true).catch(() => {});
      forget(job);
    }
    if (state === "running") leave();
    const next = job.row.nextElementSibling || job.row.previousElementSibling;
    job.row.remove();
    jobs.delete(job);
    list.hidden = !list.children.length;
    (next?.querySelector("[data-cancel]") || document.getElementById("tep-chung")).focus();
    if (state !== "done" && state !== "refused") say(`Đã hủy ${job.file.name}.`);
  };

  // --- What the server has now is shown in place ----------------------------------------------------

  const touched = new Set();
  let timer = 0;

  const refresh = (slot) => {
    touched.add(`muc-${slot}`);
    clearTimeout(timer);
    timer = setTimeout(async () => {
      try {
        const answer = await fetch(location.pathname);
        if (answer.ok && !answer.redirected) replaceParts(await answer.text());
      } catch {
        // The line is down: what has been taken shows with the next file.
      }
    }, REFRESH_AFTER);
  };

  const replaceParts = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const part of page.querySelectorAll("[data-ocop-live]")) touched.add(part.id);
    for (const id of touched) {
      const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
      if (old && fresh) replace(old, fresh);
    }
    touched.clear();
    return page;
  };

  const replace = (old, fresh) => {
    const focused = old.contains(document.activeElement) ? document.activeElement.id : null;
    const chosen = new Map([...old.querySelectorAll("select")].map((select) => [select.name, select.value]));
    old.replaceWith(fresh);
    for (const select of fresh.querySelectorAll("select")) {
      if (chosen.has(select.name)) select.value = chosen.get(select.name);
    }
    window.htmx?.process(fresh);
    if (focused) document.getElementById(focused)?.focus();
  };

  // --- Files by choosing, by dropping, and sorted files by dragging -----------------------------------

  const add = (files, slot) => {
    for (const file of files) enqueue({ file, slot });
  };

  const onSubmit = (event) => {
    const form = event.target.closest("[data-ocop-upload-form]");
    if (!form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const input = form.querySelector("input[type=file]");
    add([...input.files], form.elements.slot.value);
    input.value = "";
  };

  const DOCUMENT = "application/x-ocop-document";
  const carries = (event, type) => event.dataTransfer?.types.includes(type);
  const slotAt = (event) => event.target.closest?.("[data-ocop-slot]");

  const mark = (place) => {
    for (const old of document.querySelectorAll(".is-target")) if (old !== place) old.classList.remove("is-target");
    place?.classList.add("is-target");
  };

  const onDragOver = (event) => {
    if (carries(event, "Files")) {
      event.preventDefault();
      mark(slotAt(event) || root);
    } else if (carries(event, DOCUMENT) && slotAt(event)) {
      event.preventDefault();
      mark(slotAt(event));
    }
  };

  const onDrop = (event) => {
    mark(null);
    const slot = slotAt(event)?.dataset.ocopSlot;
    if (carries(event, "Files")) {
      event.preventDefault();
      add([...event.dataTransfer.files], slot || UNSORTED);
    } else if (carries(event, DOCUMENT) && slot) {
      event.preventDefault();
      sort(event.dataTransfer.getData(DOCUMENT), slot);
    }
  };

  const sort = async (document_pk, slot) => {
    const body = new URLSearchParams({ [`slot-${document_pk}`]: slot });
    const answer = await fetch(root.dataset.sort, { method: "POST", headers, body });
    touched.add(`muc-${slot}`);
    const page = replaceParts(await answer.text());
    say([...page.querySelectorAll(".ocop-message")].map((message) => message.textContent.trim()).join(" "));
  };

  window.addEventListener("submit", onSubmit, true);
  document.addEventListener("dragstart", (event) => {
    const row = event.target.closest?.("[data-ocop-document]");
    if (row) event.dataTransfer.setData(DOCUMENT, row.dataset.ocopDocument);
  });
  document.addEventListener("dragover", onDragOver);
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(null); });
  document.addEventListener("drop", onDrop);
  document.addEventListener("dragend", () => mark(null));
  window.addEventListener("online", () => { for (const job of jobs) goOn(job); });
  root.querySelector("[data-ocop-drop-hint]").hidden = false;
})();
