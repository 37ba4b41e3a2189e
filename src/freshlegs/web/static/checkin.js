/* The check-in: half-finished answers survive a reload; without a connection they wait and are sent later. */
import { post, put, send, waiting } from "./queue.js";

const form = document.getElementById("checkin");
const notice = document.getElementById("waiting");
const PLACE = `freshlegs.draft.${form.dataset.kind}`;
const MANY = new Set(["sleep_habits", "symptoms"]);
const FLAGS = new Set(["strength_done", "stretching_done", "pain_sharp", "period_started", "checked_by_doctor", "harder_than_it_should"]);
const WORDS = new Set(["pain_where", "note", "ill", "bowel", "ate_enough", "feels", "hit_pace"]);
const HIDDEN = new Set(["date", "form", "shown"]);

function localDay() {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
}

/* A page that was kept for want of a connection is empty; the address and the clock say which day it is about. */
function aboutDay(day) {
  const isToday = day === localDay();
  form.elements.date.value = day;
  const other = document.getElementById("day");
  other.value = day;
  other.max = localDay();
  for (const link of document.querySelectorAll(".switch a")) {
    const place = new URL(link.href);
    if (!isToday) place.searchParams.set("date", day);
    link.href = place.pathname + place.search;
  }
  if (!isToday && form.dataset.kind === "morning") {
    const [year, month, date] = day.split("-").map(Number);
    const words = { weekday: "long", day: "numeric", month: "long" };
    if (year !== new Date().getFullYear()) words.year = "numeric";
    document.querySelector("h1").textContent = new Date(year, month - 1, date).toLocaleDateString("en-GB", words).replace(",", "");
  }
}

if (form.dataset.kept) {
  const asked = new URLSearchParams(location.search).get("date");
  aboutDay(/^\d{4}-\d{2}-\d{2}$/.test(asked) && asked <= localDay() ? asked : localDay());
}
const day = form.elements.date.value;
const first = fields();

function fields() {
  const found = {};
  for (const [name, value] of new FormData(form)) {
    if (HIDDEN.has(name) || value === "") continue;
    (found[name] ||= []).push(value);
  }
  return found;
}

function keep() {
  localStorage.setItem(PLACE, JSON.stringify({ day, fields: fields() }));
}

function restore() {
  let draft = null;
  try {
    draft = JSON.parse(localStorage.getItem(PLACE) || "null");
  } catch {
    localStorage.removeItem(PLACE);
  }
  if (!draft || draft.day !== day) return;
  for (const field of form.elements) {
    const values = draft.fields[field.name];
    if (!field.name || HIDDEN.has(field.name)) continue;
    if (field.type === "radio" || field.type === "checkbox") {
      if (values) field.checked = values.includes(field.value);
      if (field.checked) open(field);
    } else if (values) {
      field.value = values[0];
      open(field);
    }
  }
}

function open(field) {
  const fold = field.closest(".chips details");
  if (fold) fold.open = true;
}

/* A second tap on an answer takes it out again. */
form.addEventListener("click", (event) => {
  const field = event.target;
  if (field.type !== "radio") return;
  if (field.dataset.was === "1") {
    field.checked = false;
    field.dataset.was = "";
    keep();
    return;
  }
  for (const other of form.querySelectorAll(`input[name="${field.name}"]`)) other.dataset.was = "";
  field.dataset.was = "1";
});
form.addEventListener("input", keep);

function answers() {
  const now = fields();
  const given = {};
  for (const name of new Set([...Object.keys(now), ...Object.keys(first)])) {
    const values = now[name];
    if (!values) given[name] = null;
    else if (MANY.has(name)) given[name] = values;
    else if (FLAGS.has(name)) given[name] = values[0] === "true";
    else if (WORDS.has(name)) given[name] = values[0];
    else if (name === "weight_lb") given.weight_kg = Number(values[0].replace(",", ".")) * 0.45359237;
    else given[name] = Number(values[0].replace(",", "."));
  }
  return given;
}

function say(text) {
  notice.textContent = text;
  notice.hidden = !text;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = answers();
  if (!Object.keys(given).length) {
    say(form.dataset.nothing);
    return;
  }
  const button = form.querySelector(".done button");
  button.disabled = true;
  const { outcome, error } = await post(day, given, form.dataset.kind);
  button.disabled = false;
  if (outcome === "refused") {
    say(error);
    notice.scrollIntoView({ block: "nearest" });
    return;
  }
  localStorage.removeItem(PLACE);
  if (outcome === "offline") {
    put(day, given, form.dataset.kind);
    say(form.dataset.offline);
    window.scrollTo(0, 0);
    return;
  }
  location.assign("/?noted=1");
});

document.addEventListener("freshlegs:sent", () => say(""));
restore();
for (const field of form.querySelectorAll("input[type=radio]:checked")) field.dataset.was = "1";
if (waiting().length) {
  say(form.dataset.waiting);
  send();
}
