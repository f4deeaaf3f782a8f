// Choosing a range of pages by their pictures: the first, then the last. Typing the numbers does too.
(() => {
  "use strict";

  const form = document.querySelector("[data-ocop-pages-form]");
  if (!form) return;

  const [first, last] = [form.elements.first, form.elements.last];
  const status = form.querySelector("[data-ocop-pages-status]");
  let half = false;

  const paint = () => {
    const [from, to] = [Number(first.value), Number(last.value)];
    for (const button of document.querySelectorAll("[data-ocop-page]")) {
      const number = Number(button.dataset.ocopPage);
      const chosen = number >= from && number <= to;
      button.setAttribute("aria-pressed", String(chosen));
      button.closest("li").classList.toggle("is-chosen", chosen);
    }
  };

  const choose = (number) => {
    const from = Number(first.value);
    if (half && number >= from) {
      last.value = number;
      half = false;
    } else {
      first.value = last.value = number;
      half = true;
    }
    status.textContent = half
      ? `Từ trang ${number}. Hãy chọn trang cuối.`
      : `Đã chọn trang ${first.value} đến ${last.value}.`;
    paint();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ocop-page]");
    if (button) choose(Number(button.dataset.ocopPage));
  });
  form.addEventListener("input", () => {
    half = false;
    paint();
  });
  document.addEventListener("htmx:afterSettle", paint);
  form.querySelector("[data-ocop-pages-hint]").hidden = false;
  paint();
})();
