// What the pages do beyond HTML: a page about money in flight keeps itself up to date, a form is
// sent once, menus close. Everything works without this file.
const POLL_EVERY_MS = 3000;

/** Tell whether somebody is typing into this part, or has typed something not yet sent. */
function isBeingUsed(part) {
  const fields = [...part.querySelectorAll("input:not([type=hidden]), textarea")];
  return fields.some((field) => field.value !== "") || part.contains(document.activeElement);
}

/** Put new content in, keeping what was unfolded unfolded. */
function replaceContent(part, html) {
  const unfolded = [...part.querySelectorAll("details[id]")].map((fold) => [fold.id, fold.open]);
  part.innerHTML = html;
  for (const [id, isOpen] of unfolded) {
    const fold = document.getElementById(id);
    if (fold) fold.open = isOpen;
  }
}

/** Fetch the part again; it says itself, by a header, whether there is more to come. */
async function follow(part) {
  if (!document.hidden && !isBeingUsed(part)) {
    try {
      const answer = await fetch(part.dataset.url, { redirect: "error" });
      if (answer.ok) {
        replaceContent(part, await answer.text());
        part.dataset.live = answer.headers.get("X-Lunas-Live") ?? "off";
      }
    } catch {
      // Offline for a moment, or signed out: the next round, or the next click, will tell.
    }
  }
  if (part.dataset.live === "on") setTimeout(() => follow(part), POLL_EVERY_MS);
}

for (const part of document.querySelectorAll("[data-live=on]")) {
  setTimeout(() => follow(part), POLL_EVERY_MS);
}

// A comfort only: the server takes a form that was sent twice as sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  // A form that brings a file may be sent again: the page stays.
  if (form.method !== "post" || "keeps" in form.dataset || "again" in form.dataset) return;
  if (form.dataset.sent === "yes") event.preventDefault();
  form.dataset.sent = "yes";
});
// Coming back with the Back button finds the form usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

/** A menu closes when something else is clicked, and on Escape, which returns to its button. */
const openMenus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
