// Near-copies unfold beside their photo. Without scripts the badge leads to the photo's own page.

const unfolded = new Set();

/** Make the badges unfold, now and for those that come later. */
export function watchSimilar() {
  document.addEventListener("click", (event) => {
    const badge = event.target.closest?.(".badge");
    if (!badge || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const id = badge.dataset.unfold;
    if (!unfolded.delete(id)) unfolded.add(id);
    applyUnfolded();
  });
  applyUnfolded();
}

/** Bring badges and copies into the state that was chosen: after a click, or when results renew. */
export function applyUnfolded() {
  for (const badge of document.querySelectorAll(".badge")) {
    badge.setAttribute("role", "button");
    badge.setAttribute("aria-expanded", String(unfolded.has(badge.dataset.unfold)));
  }
  for (const copy of document.querySelectorAll("[data-copy-of]")) {
    copy.hidden = !unfolded.has(copy.dataset.copyOf);
  }
}
