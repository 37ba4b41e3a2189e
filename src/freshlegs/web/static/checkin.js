/* The check-in: half-finished answers survive a reload; without a connection they wait and are sent later. */
import { plain, texts } from "./answers.js";
import { deliver, drop, send, waiting } from "./queue.js";

const form = document.getElementById("checkin");
const notice = document.getElementById("waiting");
const login = document.getElementById("login");
const HIDDEN = new Set(["date", "form", "shown"]);
const DRAFT = "freshlegs.draft";
const DRAFTS_LAST_D = 14;

function isoDay(when) {
  return `${when.getFullYear()}-${String(when.getMonth() + 1).padStart(2, "0")}-${String(when.getDate()).padStart(2, "0")}`;
}

function inWords(day, more) {
  const [year, month, date] = day.split("-").map(Number);
  const words = { day: "numeric", month: "long", ...more };
  if (year !== new Date().getFullYear()) words.year = "numeric";
  return new Date(year, month - 1, date).toLocaleDateString("en-GB", words).replace(",", "");
}

/* A page that was kept for want of a connection is empty; the address and the clock say which day it is about. */
function aboutDay(day) {
  const isToday = day === isoDay(new Date());
  form.elements.date.value = day;
  const other = document.getElementById("day");
  other.value = day;
  other.max = isoDay(new Date());
  for (const link of document.querySelectorAll(".switch a")) {
    const place = new URL(link.href);
    if (!isToday) place.searchParams.set("date", day);
    link.href = place.pathname + place.search;
  }
  if (!isToday && form.dataset.kind === "morning") document.querySelector("h1").textContent = inWords(day, { weekday: "long" });
}

if (form.dataset.kept) {
  const asked = new URLSearchParams(location.search).get("date");
  const today = isoDay(new Date());
  aboutDay(/^\d{4}-\d{2}-\d{2}$/.test(asked) && asked <= today ? asked : today);
}
/* A page left open over night asks about the new morning. */
const opened = isoDay(new Date());
document.addEventListener("visibilitychange", () => {
  const itsDay = new URLSearchParams(location.search).has("date");
  if (!document.hidden && !itsDay && isoDay(new Date()) !== opened) location.reload();
});

const day = form.elements.date.value;
const kind = form.dataset.kind;
const place = `${DRAFT}.${kind}.${day}`;

/* --- what the form holds --- */

function held() {
  const found = {};
  for (const field of form.elements) if (field.name && !HIDDEN.has(field.name)) found[field.name] = [];
  for (const [name, value] of new FormData(form)) if (!HIDDEN.has(name) && value.trim()) found[name].push(value.trim());
  return found;
}

function fill(name, values) {
  for (const field of form.elements) {
    if (field.name !== name) continue;
    const ticked = field.type === "radio" || field.type === "checkbox";
    if (ticked) field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
    const fold = field.closest(".chips details");
    if (fold && (ticked ? field.checked : field.value)) fold.open = true;
  }
}

function show(answers) {
  for (const [name, value] of Object.entries(answers)) {
    const field = name === "weight_kg" && form.elements.weight_lb ? "weight_lb" : name;
    fill(field, texts(field, value));
  }
}

/* What the runner changed, and nothing else: another tab or device may know the rest better. */
function changes() {
  const now = held();
  return Object.fromEntries(Object.entries(now).filter(([name, values]) => values.join("\n") !== base[name].join("\n")));
}

/* --- drafts, one a day and form --- */

function keepDraft() {
  const changed = changes();
  const draft = { written: isoDay(new Date()), changed };
  if (Object.keys(changed).length) localStorage.setItem(place, JSON.stringify(draft));
  else localStorage.removeItem(place);
}

function draftAt(key) {
  try {
    return JSON.parse(localStorage.getItem(key) || "{}");
  } catch {
    return {};
  }
}

function forgetOldDrafts() {
  const oldest = new Date();
  oldest.setDate(oldest.getDate() - DRAFTS_LAST_D);
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(DRAFT) && !(draftAt(key).written >= isoDay(oldest))) localStorage.removeItem(key);
  }
}

/* --- taps --- */

/* A second tap on an answer takes it out again. */
form.addEventListener("click", (event) => {
  const field = event.target;
  if (field.type !== "radio") return;
  if (field.dataset.was === "1") {
    field.checked = false;
    field.dataset.was = "";
    keepDraft();
    return;
  }
  for (const other of form.querySelectorAll(`input[name="${field.name}"]`)) other.dataset.was = "";
  field.dataset.was = "1";
});
form.addEventListener("input", keepDraft);

function say(text) {
  notice.textContent = text;
  notice.hidden = !text;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const changed = Object.entries(changes());
  if (!changed.length && !Object.values(held()).some((values) => values.length)) {
    say(form.dataset.nothing);
    return;
  }
  if (!changed.length && kind === "run") {
    location.assign("/");
    return;
  }
  const button = form.querySelector(".done button");
  button.disabled = true;
  // What was refused stands in the form, as it was or corrected, and goes again with the rest.
  for (const entry of waiting()) if (entry.refused && entry.date === day && entry.form === kind) drop(entry.id);
  const { outcome, error } = await deliver(day, Object.fromEntries(changed.map(([name, values]) => plain(name, values))), kind);
  button.disabled = false;
  localStorage.removeItem(place);
  if (outcome === "noted") {
    location.assign("/?noted=1");
    return;
  }
  if (outcome !== "refused") base = held();
  say({ refused: error, offline: notice.dataset.offline, login: "" }[outcome]);
  login.hidden = outcome !== "login";
  window.scrollTo(0, 0);
});

/* --- what has not arrived --- */

const list = document.getElementById("queue");

function showQueue() {
  const entries = waiting().filter((entry) => entry.late || entry.refused);
  list.hidden = !entries.length;
  list.querySelector("ul").replaceChildren(...entries.map(row));
}

function row(entry) {
  const made = document.getElementById("queued").content.cloneNode(true);
  made.querySelector("strong").textContent = inWords(entry.date, { weekday: "long" });
  made.querySelector("span").textContent = entry.refused || list.dataset.late;
  made.querySelector("button").addEventListener("click", () => {
    drop(entry.id);
    localStorage.removeItem(`${DRAFT}.${entry.form}.${entry.date}`);
    location.reload();
  });
  return made;
}

document.addEventListener("freshlegs:queue", showQueue);
window.addEventListener("storage", showQueue);
document.addEventListener("freshlegs:sent", () => {
  say("");
  login.hidden = true;
});

/* The form shows what waits for this day; what was refused counts as not given yet, so that it goes again. */
const mine = waiting().filter((entry) => entry.date === day);
for (const entry of mine) if (!entry.refused) show(entry.answers);
let base = held();
for (const entry of mine) if (entry.refused) show(entry.answers);
forgetOldDrafts();
for (const [name, values] of Object.entries(draftAt(place).changed || {})) fill(name, values);
for (const field of form.querySelectorAll("input[type=radio]:checked")) field.dataset.was = "1";
showQueue();
if (waiting().length) {
  send().then((outcome) => {
    login.hidden = outcome !== "login";
  });
}
