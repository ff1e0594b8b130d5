// Photos and folders that are dropped anywhere on the page, or chosen with a button.
import { closeMenus } from "./menu.js";
import { makeUploads } from "./uploads.js";

/** Take in what is dropped or chosen; `progress` follows how it is understood. */
export function watchDrops(progress) {
  const zone = document.getElementById("dropzone");
  const uploads = makeUploads(progress);
  if (!zone || !uploads) return;
  // Whether something of this very page is being dragged, as a picture of the grid.
  let isOurs = false;

  const brings = (event) => !isOurs && event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragstart", () => (isOurs = true));
  document.addEventListener("dragend", () => (isOurs = false));
  document.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    zone.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    // Between two elements of the page it is followed by another `dragover`.
    if (event.relatedTarget === null) zone.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    zone.hidden = true;
    takeDropped(event.dataTransfer, uploads);
  });
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!("adds" in input.dataset)) return;
    closeMenus();
    const release = uploads.hold();
    for (const file of input.files) uploads.add(file.webkitRelativePath || file.name, file);
    release();
    // The same choice once more is a change again.
    input.value = "";
  });
}

function takeDropped(transfer, uploads) {
  // The entries are gone after this event, so all are taken before anything is waited for.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) {
    for (const file of transfer.files) uploads.add(file.name, file);
    return;
  }
  const release = uploads.hold();
  const walks = entries.map((entry) =>
    walk(entry, uploads).catch(() => uploads.refuse(entry.name, UNREADABLE)),
  );
  Promise.all(walks).then(release);
}

const UNREADABLE = "it could not be read";

async function walk(entry, uploads) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed)).catch(() => null);
    if (file) uploads.add(path, file);
    else uploads.refuse(path, UNREADABLE);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    // A reader gives a hundred at a time, and none at the end.
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return;
    for (const one of some) await walk(one, uploads);
  }
}
