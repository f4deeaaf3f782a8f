// Forms marked data-ocop-selection: one button ticks every box or none, and the count is shown.
(() => {
  "use strict";

  const boxesOf = (form) => [...form.querySelectorAll("tbody input[type=checkbox]")];

  const refresh = (form) => {
    const boxes = boxesOf(form);
    const chosen = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.closest("tr").classList.toggle("is-chosen", box.checked);
    for (const button of form.querySelectorAll("[data-ocop-select-all]")) {
      button.hidden = boxes.length < 2;
      button.textContent = chosen === boxes.length ? "Bỏ chọn tất cả" : "Chọn tất cả";
    }
    for (const text of form.querySelectorAll("[data-ocop-selected]")) text.textContent = `Đã chọn ${chosen}/${boxes.length}`;
  };

  for (const form of document.querySelectorAll("[data-ocop-selection]")) {
    form.addEventListener("change", () => refresh(form));
    form.addEventListener("click", (event) => {
      if (!event.target.closest("[data-ocop-select-all]")) return;
      const boxes = boxesOf(form);
      const all = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !all;
      refresh(form);
    });
    refresh(form);
  }
})();
