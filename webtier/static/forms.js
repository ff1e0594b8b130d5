// Buttons that change the answer on this page, as stopping a shard: sent behind it, and the answer
// renewed in place. Without scripts the form leads back to the same page.
import { renewResults } from "./renew.js";

/** Watch the forms that say so, now and those that come later. */
export function watchForms() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!("inPlace" in form.dataset) || !document.getElementById("results")) return;
    event.preventDefault();
    const button = event.submitter;
    if (button) button.disabled = true;
    try {
      const response = await fetch(button?.formAction ?? form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        // It leads back to a page; the part that changed is asked for below.
        redirect: "manual",
      });
      if (response.type !== "opaqueredirect") throw new Error(`status ${response.status}`);
      if (button) button.disabled = false;
      button?.focus({ preventScroll: true });
      if (!(await renewResults())) throw new Error("no results");
    } catch {
      // The page as it is now, with whatever it has to say.
      location.reload();
    }
  });
}
