// While photos are being understood: look at the progress, and renew the results as more are there.
import { applyUnfolded } from "./similar.js";

// Further down than this, results do not move under the reader; a button offers the new ones.
const STILL_AT_TOP_PX = 260;

/** Follow the progress until it ends; `panel` holds renewing back while it is open. */
export function watchProgress(panel) {
  const section = document.getElementById("progress");
  if (!section) return;
  const offer = document.getElementById("renew");
  const every = Number(section.dataset.pollMs);
  let renewedAt = null;

  async function renewNow() {
    offer.hidden = true;
    await renewResults();
  }

  async function look() {
    let status;
    try {
      const response = await fetch("/api/status" + viewerParameter("?"));
      if (!response.ok) throw new Error(`status ${response.status}`);
      status = await response.json();
    } catch {
      setText("progress-detail", "The server does not answer; trying again");
      setTimeout(look, every * 3);
      return;
    }
    const progress = status.understanding;
    showProgress(progress);
    const isNew = renewedAt !== null && progress.done !== renewedAt;
    renewedAt = progress.done;
    if (isNew || !progress.running) {
      if (panel?.isOpen() || scrollY > STILL_AT_TOP_PX) offer.hidden = false;
      else await renewNow().catch(() => {});
    }
    if (progress.running) setTimeout(look, every);
    else section.hidden = true;
  }

  offer.addEventListener("click", () => {
    scrollTo({ top: 0 });
    renewNow();
  });
  setTimeout(look, every);
}

function showProgress(progress) {
  const { found, done, failed } = progress;
  const share = found ? (100 * Math.min(done + failed, found)) / found : 0;
  document.getElementById("progress-bar").value = share;
  const parts = [`${done.toLocaleString("en")} of ${found.toLocaleString("en")}`];
  if (progress.per_second > 0) parts.push(`${progress.per_second.toFixed(1)} a second`);
  if (failed) parts.push(`${failed.toLocaleString("en")} could not be read`);
  setText("progress-detail", parts.join(" · "));
  setText("progress-message", progress.message || "Understanding your photos");
}

// Pictures that are there already move over into the new tiles, so that nothing flickers.
async function renewResults() {
  const address = new URL(location.href);
  address.searchParams.set("part", "results");
  const response = await fetch(address);
  if (!response.ok) return;
  const results = document.getElementById("results");
  const focused = document.activeElement?.closest(".tile")?.dataset.photo;
  const kept = new Map();
  for (const tile of results.querySelectorAll(".tile")) {
    kept.set(tile.dataset.photo, tile.querySelector("img"));
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const tile of fresh.querySelectorAll(".tile")) {
    const picture = kept.get(tile.dataset.photo);
    const replaced = tile.querySelector("img");
    if (picture && picture.getAttribute("src") === replaced.getAttribute("src")) {
      picture.alt = replaced.alt;
      replaced.replaceWith(picture);
    }
  }
  results.replaceChildren(...fresh.body.childNodes);
  applyUnfolded();
  if (focused) {
    const again = [...results.querySelectorAll(".tile")].find(
      (tile) => tile.dataset.photo === focused,
    );
    again?.querySelector(".open").focus({ preventScroll: true });
  }
}

function viewerParameter(sign) {
  const viewer = new URLSearchParams(location.search).get("viewer");
  return viewer ? `${sign}viewer=${encodeURIComponent(viewer)}` : "";
}

function setText(id, text) {
  document.getElementById(id).textContent = text;
}
