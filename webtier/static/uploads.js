// Files on their way to the server: a few at a time, each told that was not taken in, and why.
import { becomePage } from "./renew.js";

const AT_ONCE = 3;
// The shelf opens within a second or two; a minute is for a machine that is busy.
const LOOK_MS = 300;
const MOST_LOOKS = 200;
// More lines than anybody reads; the count goes on.
const MOST_LINES = 200;
// Files that no folder of pictures is without, and that nobody means to search.
const NEVER_MEANT = /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini)$/i;
// What is told apart before it is sent; kinds that are not known here are the server's to judge.
const NO_PICTURE = /^(video|audio|text|font)\/|^application\/(pdf|zip|json|x-)/;

/** Return what takes files in, or null where the page takes none. */
export function makeUploads(progress) {
  const section = document.getElementById("uploads");
  if (!section) return null;
  const bar = section.querySelector("progress");
  const title = document.getElementById("uploads-title");
  const detail = document.getElementById("uploads-detail");
  const list = document.getElementById("uploads-refused");
  const stop = document.getElementById("uploads-stop");
  const close = section.querySelector(".uploads-close");
  const leave = section.querySelector("a");
  const most = Number(section.dataset.mostBytes);
  const waiting = [];
  let asked = new AbortController();
  // The way to the shelf of dropped photos, once the first is there.
  let led = null;
  let running = 0;
  // Folders that are still being read: more files may come.
  let held = 0;
  let [found, taken, refused, bytes, sent] = [0, 0, 0, 0, 0];

  function add(name, file) {
    if (NEVER_MEANT.test(name)) return;
    found += 1;
    if (NO_PICTURE.test(file.type)) return refuse(name, "it is no picture");
    if (file.size > most) return refuse(name, `it is larger than ${section.dataset.most}`);
    bytes += file.size;
    waiting.push([name, file]);
    show();
    if (running < AT_ONCE) work();
  }

  async function work() {
    running += 1;
    while (waiting.length) {
      const [name, file] = waiting.shift();
      await send(name, file);
      sent += file.size;
      show();
    }
    running -= 1;
    settle();
  }

  function settle() {
    if (running === 0 && held === 0 && waiting.length === 0 && found > 0) finish();
  }

  function hold() {
    held += 1;
    return () => {
      held -= 1;
      settle();
    };
  }

  async function send(name, file) {
    try {
      const response = await fetch("/api/drop", {
        method: "POST",
        body: file,
        headers: {
          "Content-Type": "application/octet-stream",
          "X-Alicorn-Name": encodeURIComponent(name.toWellFormed?.() ?? name),
        },
        signal: asked.signal,
      });
      if (!response.ok) {
        const answer = await response.json().catch(() => null);
        refuse(name, answer?.error?.message ?? "the server did not take it");
        return;
      }
      taken += 1;
      led ??= lead().catch(() => {});
    } catch (error) {
      if (error.name === "AbortError") found -= 1;
      else refuse(name, "the server does not answer");
    }
  }

  // To the shelf of dropped photos, without leaving: the other files are still on their way.
  async function lead() {
    const box = document.getElementById("q");
    if (!(await isOpen()) || !document.getElementById("results")) return;
    if (document.activeElement !== box) box.value = "";
    await becomePage("/");
    progress?.follow();
  }

  function refuse(name, why) {
    refused += 1;
    if (list.children.length < MOST_LINES) {
      const line = document.createElement("li");
      const file = document.createElement("code");
      const reason = document.createElement("span");
      file.textContent = name;
      reason.className = "quiet";
      reason.textContent = ` ${why}`;
      line.append(file, reason);
      list.append(line);
    }
    show();
    settle();
  }

  function show() {
    section.hidden = false;
    close.hidden = true;
    stop.hidden = false;
    leave.hidden = true;
    title.textContent = "Taking in your photos";
    bar.value = bytes ? sent / bytes : 0;
    const parts = [`${taken.toLocaleString("en")} of ${found.toLocaleString("en")}`];
    if (refused) parts.push(`${refused.toLocaleString("en")} not taken in`);
    detail.textContent = parts.join(" · ");
  }

  async function finish() {
    bar.value = 1;
    stop.hidden = true;
    close.hidden = false;
    title.textContent = taken ? photos(taken) + " taken in" : "Nothing was taken in";
    detail.textContent = refused ? `${refused.toLocaleString("en")} not, and why:` : "";
    leave.hidden = taken === 0;
    // All is well: straight to what they show. Else there is something to read first.
    if (!taken || refused) return;
    await led;
    if (running === 0) location.assign("/");
  }

  stop.addEventListener("click", () => {
    found -= waiting.length;
    waiting.length = 0;
    asked.abort();
    asked = new AbortController();
  });
  close.addEventListener("click", () => {
    section.hidden = true;
    list.replaceChildren();
    led = null;
    [found, taken, refused, bytes, sent] = [0, 0, 0, 0, 0];
  });
  addEventListener("beforeunload", (event) => {
    if (running) event.preventDefault();
  });
  return {
    add,
    hold,
    refuse(name, why) {
      found += 1;
      refuse(name, why);
    },
  };
}

/** Wait until the shelf of dropped photos is open; false if that cannot be. */
async function isOpen() {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const response = await fetch("/api/shelves");
    if (!response.ok) return false;
    const { shelves } = await response.json();
    const dropped = shelves.find((shelf) => shelf.key === "dropped");
    if (dropped?.state === "open") return true;
    if (dropped?.state === "failed") return false;
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  return false;
}

function photos(count) {
  return count === 1 ? "1 photo" : `${count.toLocaleString("en")} photos`;
}
