/* What the pages of the theme and of lesson 6 lack for those who do not use a mouse. */
(() => {
"use strict";

/** Lesson 6's own stepper answers to the pointer; let it answer to the Tab key, too. */
function openStepper(root) {
  const reach = () => {
    const total = root.querySelector(".boards")?.lastElementChild;
    total?.querySelectorAll("span").forEach((cell) => cell.setAttribute("tabindex", "0"));
  };
  root.addEventListener("focusin", (event) => event.target.dispatchEvent(new PointerEvent("pointerenter")));
  new MutationObserver(reach).observe(root.querySelector(".boards"), { childList: true });
  reach();
}

document.addEventListener("DOMContentLoaded", () => {
  const stepper = document.getElementById("stepper");
  if (stepper?.querySelector(".boards")) openStepper(stepper);
  for (const fold of document.querySelectorAll("nav summary")) fold.setAttribute("aria-label", "The pages below");
});
})();
