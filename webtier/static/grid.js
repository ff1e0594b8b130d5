// The photos on the page, in reading order, and how to walk among them.

/** Return the tiles that are shown, in the order of the page. */
export function tiles() {
  return [...document.querySelectorAll(".tile:not([hidden])")];
}

/** Return the link of a tile: what is focused and opened. */
export function linkOf(tile) {
  return tile.querySelector(".open");
}

/**
 * Return the tile that lies from `tile` in the direction of `key`, or null at the edge.
 * Left and right follow the order of the page; up and down go to the next row's tile whose middle
 * is nearest.
 */
export function neighbour(tile, key) {
  const all = tiles();
  const place = all.indexOf(tile);
  if (key === "ArrowRight") return all[place + 1] ?? null;
  if (key === "ArrowLeft") return all[place - 1] ?? null;
  const step = key === "ArrowDown" ? 1 : -1;
  const here = tile.getBoundingClientRect();
  const middle = here.left + here.width / 2;
  let best = null;
  let bestDistance = Infinity;
  let row = null;
  for (let at = place + step; at >= 0 && at < all.length; at += step) {
    const box = all[at].getBoundingClientRect();
    const isOtherRow = step > 0 ? box.top > here.top + 4 : box.top < here.top - 4;
    if (!isOtherRow) continue;
    row ??= box.top;
    if (Math.abs(box.top - row) > 4) break;
    const distance = Math.abs(box.left + box.width / 2 - middle);
    if (distance < bestDistance) {
      best = all[at];
      bestDistance = distance;
    }
  }
  return best;
}
