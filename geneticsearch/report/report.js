"use strict";
// Sorts the table of candidates and links it with the pictures: the candidate under the pointer is described, and marked
// in all pictures together with its parents. The one in the address of the page, as in #candidate-7, stays marked.

const table = document.querySelector(".candidates table");
const headers = [...table.tHead.rows[0].cells];
const rows = new Map([...table.tBodies[0].rows].map((row) => [row.id, row]));
const tip = document.body.appendChild(document.createElement("div"));
tip.className = "tip";
tip.hidden = true;
tip.setAttribute("role", "status");

// --------------------------------------------------------------------------------------------------------- the table
function keyOf(row, column) {
  const cell = row.cells[column];
  const text = cell.dataset.value ?? cell.textContent;
  if (text === "" || text === "nan") return { rank: 2 };
  const number = Number(text);
  return Number.isNaN(number) ? { rank: 1, value: text } : { rank: 0, value: number };
}

function compare(a, b) { // numbers before texts
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.rank === 0 ? a.value - b.value : a.value.localeCompare(b.value, undefined, { numeric: true });
}

function sortBy(column) {
  const isDescending = headers[column].getAttribute("aria-sort") === "ascending";
  const keyed = [...rows.values()].map((row) => ({ row, key: keyOf(row, column) }));
  const known = keyed.filter(({ key }) => key.rank < 2);
  known.sort((a, b) => (isDescending ? compare(b.key, a.key) : compare(a.key, b.key)));
  const unknown = keyed.filter(({ key }) => key.rank === 2); // last, whatever the direction
  table.tBodies[0].append(...[...known, ...unknown].map(({ row }) => row));
  for (const header of headers) header.setAttribute("aria-sort", "none");
  headers[column].setAttribute("aria-sort", isDescending ? "descending" : "ascending");
}

headers.forEach((header, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...header.childNodes);
  button.addEventListener("click", () => sortBy(column));
  header.append(button);
  if (!header.hasAttribute("aria-sort")) header.setAttribute("aria-sort", "none");
});

// ------------------------------------------------------------------------------------------------------ the pictures
const pictures = [...document.querySelectorAll("svg[data-points]")].map((svg) => {
  const places = new Map(); // of each candidate, one on each of the picture's axes: [axes, x, y]
  for (const [number, ...place] of JSON.parse(svg.dataset.points)) {
    const id = `candidate-${number}`;
    if (!places.has(id)) places.set(id, []);
    places.get(id).push(place);
  }
  return { svg, places };
});

function shape(svg, name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  svg.append(made);
}

function mark(id) {
  const row = rows.get(id);
  const parents = row ? row.dataset.parents.split(" ").map((number) => `candidate-${number}`) : [];
  for (const { svg, places } of pictures) {
    svg.replaceChildren();
    for (const [axes, x, y] of places.get(id) ?? []) {
      for (const [on, px, py] of parents.flatMap((parent) => places.get(parent) ?? [])) {
        if (on !== axes) continue;
        shape(svg, "line", { x1: x, y1: y, x2: px, y2: py });
        shape(svg, "circle", { class: "parent", cx: px, cy: py, r: 6 });
      }
      shape(svg, "circle", { cx: x, cy: y, r: 8 });
    }
  }
}

function describe(id, svg, place) {
  const list = document.createElement("dl");
  [...rows.get(id).cells].forEach((cell, column) => {
    if (cell.textContent === "") return;
    list.appendChild(document.createElement("dt")).textContent = headers[column].textContent;
    list.appendChild(document.createElement("dd")).textContent = cell.textContent;
  });
  tip.replaceChildren(list);
  tip.hidden = false;
  const box = svg.getBoundingClientRect();
  const scale = box.width / svg.viewBox.baseVal.width;
  const [x, y] = [box.left + place[1] * scale, box.top + place[2] * scale];
  const isLeft = x + 16 + tip.offsetWidth > innerWidth;
  tip.style.left = `${Math.max(4, isLeft ? x - 16 - tip.offsetWidth : x + 16)}px`;
  tip.style.top = `${Math.max(4, Math.min(y + 12, innerHeight - tip.offsetHeight - 4))}px`;
}

function leave() {
  tip.hidden = true;
  mark(location.hash.slice(1));
}

function nearest({ svg, places }, event) {
  const box = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / box.width;
  const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  let best = { distance: 40 };
  for (const [id, ones] of places) {
    for (const place of ones) {
      const distance = Math.hypot(place[1] - x, place[2] - y);
      if (distance < best.distance && rows.has(id)) best = { distance, id, place };
    }
  }
  return best;
}

for (const picture of pictures) {
  const { svg, places } = picture;
  const ids = [...places.keys()].filter((id) => rows.has(id));
  let current;
  const go = (id, place) => {
    if (!id) return leave();
    current = id;
    mark(id);
    describe(id, svg, place ?? places.get(id)[0]);
  };
  svg.setAttribute("tabindex", "0");
  svg.addEventListener("pointermove", (event) => {
    const { id, place } = nearest(picture, event);
    go(id, place);
  });
  svg.addEventListener("click", (event) => {
    const { id } = nearest(picture, event);
    if (id && event.pointerType !== "touch") location.hash = id;
  });
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) go(ids[Math.max(0, Math.min(ids.length - 1, ids.indexOf(current) + step))]);
    else if (event.key === "Enter" && current) location.hash = current;
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
  });
  svg.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && leave());
  svg.addEventListener("blur", leave);
}

addEventListener("hashchange", leave);
leave();
