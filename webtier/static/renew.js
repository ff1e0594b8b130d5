// The results, renewed in place: the same address asked again, nothing flickers, nothing is lost.
import { applyUnfolded } from "./similar.js";

/** Ask this address for its results and put them in the place of those on the page. */
export async function renewResults() {
  const asked = new URL(location.href);
  asked.searchParams.set("part", "results");
  const response = await fetch(asked);
  if (!response.ok) return false;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  putResults(fresh, fresh.body.childNodes);
  return true;
}

/** Become the page at `address`, which shows another shelf, without leaving: files may be on their way. */
export async function becomePage(address) {
  const response = await fetch(address);
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const [results, bar] = ["#results", ".bar-end"].map((part) => fresh.querySelector(part));
  if (!results || !bar) return;
  history.replaceState(null, "", address);
  document.title = fresh.title;
  document.querySelector(".bar-end").replaceWith(bar);
  document.querySelector(".offers")?.remove();
  document.querySelector(".undo")?.remove();
  putResults(fresh, results.childNodes);
}

function putResults(fresh, nodes) {
  const results = document.getElementById("results");
  const focused = placeOf(document.activeElement);
  const wasOpen = results.querySelector("#answered")?.open;
  const top = document.activeElement?.getBoundingClientRect().top;
  keepPictures(results, fresh);
  results.replaceChildren(...nodes);
  applyUnfolded();
  const answered = results.querySelector("#answered");
  if (answered && wasOpen) answered.open = true;
  const again = focused && results.querySelector(focused);
  if (again) {
    again.focus({ preventScroll: true });
    // What one has just pressed stays under the pointer, whatever came above it.
    scrollBy({ top: again.getBoundingClientRect().top - top, behavior: "instant" });
  }
}

// Pictures that are there already move over into the new tiles; on another shelf a number means another photo.
function keepPictures(results, fresh) {
  const library = (root) => root.querySelector("[data-library]")?.dataset.library;
  if (library(results) !== library(fresh)) return;
  const kept = new Map();
  for (const tile of results.querySelectorAll(".tile")) {
    kept.set(tile.dataset.photo, tile.querySelector("img"));
  }
  for (const tile of fresh.querySelectorAll(".tile")) {
    const picture = kept.get(tile.dataset.photo);
    const replaced = tile.querySelector("img");
    if (picture && picture.getAttribute("src") === replaced.getAttribute("src")) {
      picture.alt = replaced.alt;
      replaced.replaceWith(picture);
    }
  }
}

// How the focused part is found again among the new ones; numbers, so that nothing needs escaping.
function placeOf(element) {
  const tile = element?.closest?.("#results .tile");
  if (tile) return `.tile[data-photo="${Number(tile.dataset.photo)}"] .open`;
  const shard = element?.closest?.("#results [data-shard]");
  return shard ? `[data-shard="${Number(shard.dataset.shard)}"]` : null;
}
