// While photos are being understood: look at the progress, and renew the results as more are there.
import { renewResults } from "./renew.js";

// Further down than this, results do not move under the reader; a button offers the new ones.
const STILL_AT_TOP_PX = 260;
// Photos that were just taken in may not have been found yet: look a few times before it is over.
const PATIENCE = 6;

/**
 * Follow the progress until it ends; `panel` holds renewing back while it is open. Returns what
 * begins to follow when photos come while the page is open.
 */
export function watchProgress(panel) {
  const section = document.getElementById("progress");
  if (!section) return null;
  const offer = document.getElementById("renew");
  const every = Number(section.dataset.pollMs);
  let renewedAt = null;
  let isFollowing = false;
  let patience = 0;

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
    section.hidden = !progress.running;
    const isNew = renewedAt !== null && progress.done !== renewedAt;
    renewedAt = progress.done;
    patience = progress.running ? 0 : patience - 1;
    const isOver = patience < 0;
    if (isNew || isOver) {
      if (panel?.isOpen() || scrollY > STILL_AT_TOP_PX) offer.hidden = false;
      else await renewNow().catch(() => {});
    }
    if (isOver) isFollowing = false;
    else setTimeout(look, every);
  }

  function follow(looks) {
    patience = Math.max(patience, looks);
    if (isFollowing) return;
    isFollowing = true;
    setTimeout(look, every);
  }

  offer.addEventListener("click", () => {
    scrollTo({ top: 0 });
    renewNow();
  });
  if ("running" in section.dataset) follow(0);
  return { follow: () => follow(PATIENCE) };
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

function viewerParameter(sign) {
  const viewer = new URLSearchParams(location.search).get("viewer");
  return viewer ? `${sign}viewer=${encodeURIComponent(viewer)}` : "";
}

function setText(id, text) {
  document.getElementById(id).textContent = text;
}
