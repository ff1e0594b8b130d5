// `/` goes to the search box, arrows walk among the photos, Esc leaves the search box.
// Enter opens the focused photo and Esc closes the panel without our doing: links and dialogs do so.
import { linkOf, neighbour, tiles } from "./grid.js";

const ARROWS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

/** Listen to the keyboard; `panel` takes the arrows while it is open. */
export function watchKeys(panel) {
  const box = document.getElementById("q");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (panel?.isOpen()) {
      if (event.key === "ArrowLeft") panel.move(-1);
      if (event.key === "ArrowRight") panel.move(1);
      return;
    }
    if (event.target === box) {
      if (event.key === "Escape") box.blur();
      if (event.key === "ArrowDown") walkTo(tiles()[0], event);
      return;
    }
    if (event.target.closest("input, textarea, select")) return;
    if (event.key === "/") {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (ARROWS.has(event.key)) {
      const tile = document.activeElement?.closest(".tile");
      if (tile) walkTo(neighbour(tile, event.key), event);
      else if (event.key === "ArrowRight" || scrollY < 40) walkTo(tiles()[0], event);
    }
  });
}

function walkTo(tile, event) {
  if (!tile) return;
  event.preventDefault();
  const link = linkOf(tile);
  link.focus({ preventScroll: true, focusVisible: true });
  link.scrollIntoView({ block: "nearest" });
}
