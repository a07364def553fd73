// Bringing a part of the page up to date without replacing it: what is the same stays in place, with
// its focus, its selection, what was unfolded, and what a person is typing.

/** A form, and whatever says so, belongs to the person until the page is opened anew. */
function isKept(element) {
  return element.nodeName === "FORM" || "keep" in element.dataset;
}

function updateAttributes(old, fresh) {
  for (const { name, value } of [...fresh.attributes]) {
    // What is folded or unfolded is for the person to say.
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
}

/** Tell whether one node can become the other: names decide, and without names the place. */
function isAlike(old, fresh) {
  return old.nodeName === fresh.nodeName && (old.id ?? "") === (fresh.id ?? "");
}

function update(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) old.nodeValue = fresh.nodeValue;
  else if (!isKept(old)) morph(old, fresh);
}

function updateChildren(old, fresh) {
  const named = new Map([...old.children].filter((one) => one.id).map((one) => [one.id, one]));
  const wantedNames = new Set([...fresh.children].map((one) => one.id).filter(Boolean));
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const match = named.get(wanted.id) ?? (place && isAlike(place, wanted) ? place : null);
    if (match === null) {
      old.insertBefore(wanted, place);
      continue;
    }
    // What stands before the match and is not wanted any more goes; the match itself never moves
    // for that, because a moved element loses its focus.
    while (place !== null && place !== match && !wantedNames.has(place.id)) {
      const next = place.nextSibling;
      place.remove();
      place = next;
    }
    if (place === match) place = match.nextSibling;
    else old.insertBefore(match, place);
    update(match, wanted);
  }
  while (place !== null) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

/** Make an element what the other one is. */
export function morph(old, fresh) {
  updateAttributes(old, fresh);
  updateChildren(old, fresh);
}
