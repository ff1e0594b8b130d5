// The menu of the sample people closes as menus do. Choosing works without scripts.

/** Close the menu on Esc and on a click elsewhere. */
export function watchMenu() {
  const menu = document.querySelector(".people");
  if (!menu) return;
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
