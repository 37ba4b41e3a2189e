/* Today's question: a tap that finds no connection is kept and sent later. */
import { plain } from "./answers.js";
import { deliver, drop } from "./queue.js";

const form = document.querySelector(".question form");
const notice = document.getElementById("waiting");
const login = document.getElementById("login");

form?.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!button) return;
  event.preventDefault();
  const buttons = form.querySelectorAll("button");
  for (const one of buttons) one.disabled = true;
  const [name, value] = plain(button.name, [button.value]);
  const { outcome, id, error } = await deliver(form.elements.date.value, { [name]: value }, "question");
  if (outcome === "noted") {
    location.assign("/?noted=1");
    return;
  }
  if (outcome === "refused") {
    drop(id);
    for (const one of buttons) one.disabled = false;
  } else {
    form.hidden = true;
  }
  notice.textContent = { refused: error, offline: notice.dataset.offline, login: "" }[outcome];
  notice.hidden = outcome === "login";
  login.hidden = outcome !== "login";
});
