/* Answers as the form holds them, and as the diary takes them. */
const MANY = new Set(["sleep_habits", "symptoms"]);
const FLAGS = new Set(["strength_done", "stretching_done", "pain_sharp", "period_started", "checked_by_doctor", "harder_than_it_should"]);
const WORDS = new Set(["pain_where", "note", "ill", "bowel", "ate_enough", "feels", "hit_pace", "rest_test"]);
const KG_PER_LB = 0.45359237;

/* What is no number goes as it was typed: the diary says what it may be. */
function number(text, unit = 1) {
  const found = Number(text.replace(",", "."));
  return Number.isNaN(found) ? text : found * unit;
}

/** The name and value of a field's texts; no text takes the answer out. */
export function plain(name, texts) {
  if (name === "weight_lb") return ["weight_kg", texts.length ? number(texts[0], KG_PER_LB) : null];
  if (!texts.length) return [name, null];
  if (MANY.has(name)) return [name, texts];
  if (FLAGS.has(name)) return [name, texts[0] === "true"];
  return [name, WORDS.has(name) ? texts[0] : number(texts[0])];
}

/** The other way round: the texts of a field for a value. */
export function texts(name, value) {
  if (value === null || value === undefined) return [];
  if (name === "weight_lb") return [(value / KG_PER_LB).toFixed(1)];
  return (Array.isArray(value) ? value : [value]).map(String);
}
