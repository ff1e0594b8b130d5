// While a shelf is being made: look how far it is, and go there when it opens.

/** Follow the shelf that is being made, if there is one. */
export function watchShelves() {
  if (!document.querySelector("[data-shelf]")) return;
  const every = Number(document.getElementById("progress")?.dataset.pollMs ?? 1500);

  async function look() {
    let shelves = null;
    try {
      const response = await fetch("/api/shelves");
      if (response.ok) ({ shelves } = await response.json());
    } catch {
      // The next look tells.
    }
    if (shelves?.every((shelf) => shelf.state !== "preparing")) {
      // It is open, or it says why not; a search that somebody began to type is not taken away.
      const box = document.getElementById("q");
      if (document.activeElement !== box || box.value === box.defaultValue) location.assign("/");
      return;
    }
    for (const shelf of shelves ?? []) show(shelf);
    setTimeout(look, every);
  }

  setTimeout(look, every);
}

function show(shelf) {
  for (const bar of document.querySelectorAll("[data-shelf]")) {
    if (bar.dataset.shelf === shelf.key) bar.value = shelf.percent;
  }
  for (const line of document.querySelectorAll("[data-shelf-message]")) {
    if (line.dataset.shelfMessage === shelf.key) line.textContent = shelf.message;
  }
}
