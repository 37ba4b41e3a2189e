/* Check-ins that could not be sent wait in the browser and are sent later, in their order. */
const PLACE = "freshlegs.queue";

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
}

export function put(date, answers, form) {
  keep([...waiting(), { date, answers, form }]);
}

/** One check-in to the diary: "noted", "refused" with its reason, or "offline". */
export async function post(date, answers, form) {
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
  if (answer.ok) return { outcome: "noted", document: await answer.json() };
  if (answer.status >= 500 || answer.status === 401) return { outcome: "offline" };
  const told = await answer.json().catch(() => ({}));
  return { outcome: "refused", error: told.error || "" };
}

let sending = false;

export async function send() {
  if (sending) return 0;
  sending = true;
  let sent = 0;
  try {
    for (let list = waiting(); list.length; list = waiting()) {
      const { outcome, error } = await post(list[0].date, list[0].answers, list[0].form);
      if (outcome === "offline") break;
      keep(waiting().slice(1));
      if (outcome === "noted") sent += 1;
      else document.dispatchEvent(new CustomEvent("freshlegs:refused", { detail: `${list[0].date}: ${error}` }));
    }
  } finally {
    sending = false;
  }
  if (sent) document.dispatchEvent(new CustomEvent("freshlegs:sent", { detail: sent }));
  return sent;
}
