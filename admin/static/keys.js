// Keys for people who work here all day. The help (the page's dialog) says what each does, and
// where "g o" leads is read from it. Nothing happens while somebody types, or with the keys off.
const SECOND_KEY_WITHIN_MS = 1500;
const help = document.getElementById("keys");
const isOn = help.dataset.keys === "on";
let firstKey = "";
let firstKeyTimer = 0;

/** Tell whether this key belongs to what has the focus. */
function isTyping(target) {
  return target.isContentEditable || target.matches("input, textarea, select, [role=textbox]");
}

/** Put the keyboard on the first link of a row, which is what Enter then opens. */
function goToRow(step) {
  const rows = [...document.querySelectorAll("main table.list tbody tr")].filter((row) => row.querySelector("a"));
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[at === -1 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
  const link = row?.querySelector("a");
  if (!link) return;
  link.focus({ focusVisible: true });
  row.scrollIntoView({ block: "nearest" });
}

function turnPage(relation) {
  document.querySelector(`main a[rel=${relation}]`)?.click();
}

function goToSearch() {
  const search = document.getElementById("find");
  search.focus();
  search.select();
}

function addFilter() {
  const menu = document.getElementById("add-filter");
  if (!menu) return;
  menu.open = true;
  menu.querySelector("select").focus();
}

const ACTIONS = {
  "/": goToSearch,
  "?": () => help.showModal(),
  j: () => goToRow(1),
  k: () => goToRow(-1),
  f: addFilter,
  "[": () => turnPage("prev"),
  "]": () => turnPage("next"),
};

/** Take the second key of "g o"; tell whether there was a first one. */
function takeSecondKey(key) {
  if (firstKey === "") return false;
  const place = help.querySelector(`[data-key="${CSS.escape(`${firstKey} ${key}`)}"]`);
  firstKey = "";
  clearTimeout(firstKeyTimer);
  if (place) location.assign(place.dataset.href);
  return Boolean(place);
}

function takeKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (help.open || isTyping(event.target)) return;
  if (takeSecondKey(event.key)) {
    event.preventDefault();
  } else if (event.key === "g") {
    firstKey = "g";
    firstKeyTimer = setTimeout(() => (firstKey = ""), SECOND_KEY_WITHIN_MS);
  } else if (Object.hasOwn(ACTIONS, event.key)) {
    event.preventDefault();
    ACTIONS[event.key]();
  }
}

if (isOn) document.addEventListener("keydown", takeKey);
for (const button of document.querySelectorAll("[data-opens=keys]")) {
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());
}
