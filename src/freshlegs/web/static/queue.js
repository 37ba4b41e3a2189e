/* Answers on their way to the diary. Each is kept in the browser until it has arrived, or until it is discarded. */
const PLACE = "freshlegs.queue";

/** What has not arrived, the oldest first: id, date, answers, form (what asked); late, refused (with its reason). */
export function waiting() {
  try {
    return JSON.parse(localStorage.getItem(PLACE) || "[]");
  } catch {
    return [];
  }
}

function keep(list) {
  if (list.length) localStorage.setItem(PLACE, JSON.stringify(list));
  else localStorage.removeItem(PLACE);
  tell("freshlegs:queue");
}

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

/* By its own name, never by its place: another tab may have sent the first one meanwhile. */
function note(id, more) {
  keep(waiting().map((entry) => (entry.id === id ? { ...entry, ...more } : entry)));
}

export function drop(id) {
  keep(waiting().filter((entry) => entry.id !== id));
}

/** Answers to the diary, behind those that wait: "noted", "refused" with its reason, "login" or "offline". */
export async function deliver(date, answers, form) {
  const id = `${Date.now()}.${Math.random()}`;
  keep([...waiting(), { id, date, answers, form }]);
  const outcome = await send();
  const left = waiting().find((entry) => entry.id === id);
  if (!left) return { outcome: "noted" };
  return left.refused ? { outcome: "refused", id, error: left.refused } : { outcome };
}

async function post({ date, answers, form }) {
  let answer;
  try {
    answer = await fetch(`/api/v1/checkins/${date}?form=${form}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(answers),
    });
  } catch {
    return { outcome: "offline" };
  }
  if (answer.ok) return { outcome: "noted" };
  if (answer.status === 401) return { outcome: "login" };
  if (answer.status >= 500) return { outcome: "offline" };
  const told = await answer.json().catch(() => ({}));
  return { outcome: "refused", error: told.error || String(answer.status) };
}

let sending = null;

/** Sends what waits, in its order; what is refused stays, and is tried again another time. */
export function send() {
  sending ||= sendAll().finally(() => {
    sending = null;
  });
  return sending;
}

async function sendAll() {
  const tried = new Set();
  let late = 0;
  let last = "noted";
  for (let entry = next(tried); entry; entry = next(tried)) {
    tried.add(entry.id);
    const { outcome, error } = await post(entry);
    if (outcome === "noted") {
      drop(entry.id);
      late += Boolean(entry.late || entry.refused);
    } else if (outcome === "refused") {
      if (entry.late && error !== entry.refused) tell("freshlegs:refused", entry.id);
      note(entry.id, { refused: error });
    } else {
      last = outcome;
      for (const one of waiting()) note(one.id, { late: true });
      break;
    }
  }
  if (late) tell("freshlegs:sent", late);
  return last;
}

function next(tried) {
  return waiting().find((entry) => !tried.has(entry.id));
}
