// Lists beyond HTML: the filter form offers what fits, columns move, an export shows how far it is.
// Without this file the same forms work; they only offer everything, and say less.
const ASK_EVERY_MS = 700;
const ASK_AT_MOST = 3;

/** Make an element with these attributes and children. */
function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Return the fields for the value of a filter: what is asked decides how it is typed. */
function valueFields(field, op, words) {
  if (op === "empty" || op === "filled") return [];
  if (field.kind === "choice" && op === "in") return field.options.map(tickBox);
  if (field.kind === "choice") return [labelled(words, make("select", { name: "value" }, ...field.options.map(option)))];
  const attributes = fieldAttributes(field.kind, op);
  const count = op === "between" ? 2 : 1;
  return Array.from({ length: count }, () => labelled(words, make("input", { name: "value", required: "", ...attributes })));
}

function fieldAttributes(kind, op) {
  if (op === "older" || op === "newer") return { placeholder: "24h, 7d", pattern: "\\d{1,5}[mhdw]", autocomplete: "off" };
  if (kind === "time") return { type: "date" };
  if (kind === "number") return { inputmode: "numeric", placeholder: "150.000", autocomplete: "off" };
  return { autocomplete: "off", maxlength: "120" };
}

function option([value, label]) {
  return make("option", { value }, label);
}

function tickBox([value, label]) {
  return make("label", { class: "tick" }, make("input", { type: "checkbox", name: "value", value }), label);
}

function labelled(words, field) {
  return make("label", {}, make("span", {}, words), field);
}

function setUpBuilder(form) {
  const fields = JSON.parse(form.querySelector("[data-fields]").textContent);
  const what = form.elements.namedItem("field");
  const how = form.elements.namedItem("op");
  const values = form.querySelector("[data-values]");
  const allOps = [...how.options].map((each) => [each.value, each.textContent]);
  const words = values.getAttribute("aria-label");
  const chosen = () => fields.find((each) => each.name === what.value);
  const offerValues = () => values.replaceChildren(...valueFields(chosen(), how.value, words));
  const offerOps = () => {
    const names = new Map(allOps);
    how.replaceChildren(...chosen().ops.map((op) => option([op, names.get(op)])));
    offerValues();
  };
  what.addEventListener("change", offerOps);
  how.addEventListener("change", offerValues);
  offerOps();
}

function setUpColumns(list) {
  for (const button of list.querySelectorAll("[data-move]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const row = button.closest("li");
      if (button.dataset.move === "up") row.previousElementSibling?.before(row);
      else row.nextElementSibling?.after(row);
      button.focus();
    });
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Follow one export until it has ended; `missing` counts answers that knew of none. */
async function followExport(form, key, missing = 0) {
  const shown = document.querySelector("[data-export-progress]");
  const answer = await fetch(form.dataset.progress.replace("KEY", key), { redirect: "error" }).catch(() => null);
  if (!answer?.ok) {
    // The server writes the row down before the first byte; a refused export has none.
    if (missing < ASK_AT_MOST) setTimeout(() => followExport(form, key, missing + 1), ASK_EVERY_MS);
    else shown.hidden = true;
    return;
  }
  const { state, done, total, words } = await answer.json();
  shown.hidden = false;
  const sentence = { running: "begun", done: "done", broken_off: "broken" }[state];
  shown.querySelector("[data-words]").textContent = `${form.querySelector(`[data-${sentence}]`).textContent} ${words}`;
  const bar = shown.querySelector("[data-bar]");
  bar.max = Math.max(total, 1);
  bar.value = state === "done" ? bar.max : done;
  if (state === "running") setTimeout(() => followExport(form, key), ASK_EVERY_MS);
}

function setUpExport(form) {
  form.addEventListener("submit", () => {
    const field = form.elements.namedItem("key");
    const key = field.value;
    form.closest("details").open = false;
    setTimeout(() => {
      // Each click is an export of its own, with a key of its own.
      field.value = newKey();
      followExport(form, key);
    }, ASK_EVERY_MS);
  });
}

document.querySelectorAll("[data-builder]").forEach(setUpBuilder);
document.querySelectorAll("[data-pick]").forEach(setUpColumns);
document.querySelectorAll("[data-export]").forEach(setUpExport);
