// The menus of the bar close as menus do. Choosing works without scripts. The bar may be renewed, so
// everything is listened for on the document.

/** Close a menu on Esc, on a click elsewhere, and when another opens. */
export function watchMenus() {
  document.addEventListener("click", (event) => closeMenus(event.target.closest?.(".menu")));
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.matches?.(".menu[open]")) closeMenus(event.target);
    },
    // A toggle does not bubble.
    true,
  );
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.(".menu[open]");
    if (event.key !== "Escape" || !menu) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

/** Close all menus but `kept`. */
export function closeMenus(kept = null) {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (menu !== kept) menu.open = false;
  }
}
