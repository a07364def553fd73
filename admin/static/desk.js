// What the pages do beyond HTML: a page about money in flight keeps itself up to date, a form is
// sent once, menus close. Everything works without this file.
import "./follow.js";

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
