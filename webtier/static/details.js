// The panel of details over the grid. Its parts come ready made in each tile's template; the chain
// of the explanation is fetched when the panel opens.
import { linkOf, tiles } from "./grid.js";

/** Open the panel when a photo is chosen; return what the keyboard and the progress need of it. */
export function watchDetails() {
  const dialog = document.getElementById("details");
  if (!dialog?.showModal) return null;
  let shown = null;
  let asked = null;

  const close = button("close", "×", "Close", () => dialog.close());
  const before = button("before", "‹", "Photo before", () => move(-1));
  const after = button("after", "›", "Photo after", () => move(1));

  function show(tile) {
    shown = tile;
    const parts = tile.querySelector("template").content.cloneNode(true);
    dialog.replaceChildren(parts, close);
    dialog.querySelector(".stage").append(before, after);
    const all = tiles();
    before.disabled = all[0] === tile;
    after.disabled = all.at(-1) === tile;
    dialog.querySelectorAll(".copy-uri").forEach(offerCopy);
    if (!dialog.open) dialog.showModal();
    close.focus({ focusVisible: false });
    explain(tile);
  }

  async function explain(tile) {
    asked?.abort();
    asked = new AbortController();
    const place = dialog.querySelector(".explained");
    const address = linkOf(tile).dataset.explain;
    if (!place || !address) return;
    try {
      const response = await fetch(address, { signal: asked.signal });
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.error?.message);
      place.replaceChildren(...chain(answer));
    } catch (error) {
      if (error.name === "AbortError") return;
      place.replaceChildren(element("p", "quiet", "The explanation is not to be had right now."));
    }
  }

  function move(step) {
    const all = tiles();
    const next = all[all.indexOf(shown) + step];
    if (next) show(next);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".tile .open");
    const wantsTab = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
    if (!link || wantsTab) return;
    event.preventDefault();
    show(link.closest(".tile"));
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    asked?.abort();
    const tile = shown?.isConnected ? shown : null;
    shown = null;
    if (tile) linkOf(tile).focus({ focusVisible: true });
  });
  return { isOpen: () => dialog.open, move, whenClosed: (act) => dialog.addEventListener("close", act) };
}

function chain(answer) {
  const parts = [];
  if (answer.rank) {
    parts.push(element("p", "rank", `Number ${answer.rank} in “${titleOf(answer.module)}”`));
  }
  const list = element("ol", "steps");
  for (const step of answer.steps) {
    const item = document.createElement("li");
    item.append(element("span", "step-stage", step.stage), element("span", "step-text", step.text));
    if (step.value !== null) {
      item.append(element("span", "step-value", String(Number(step.value.toPrecision(4)))));
    }
    list.append(item);
  }
  if (answer.steps.length) parts.push(list);
  return parts;
}

// What the part of the page is called whose name is `module`.
function titleOf(module) {
  const grids = [...document.querySelectorAll(".grid")];
  const grid = grids.find((one) => one.dataset.module === module);
  return grid?.closest(".module").querySelector(".module-title").textContent ?? module;
}

function offerCopy(copy) {
  if (!navigator.clipboard) return;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(copy.dataset.copy);
    copy.textContent = "Copied";
  });
}

function button(name, sign, label, act) {
  const made = element("button", `round ${name}`, sign);
  made.type = "button";
  made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

// Text always goes in as text: what a photo is called never becomes markup.
function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
