/* Import: files go up one by one as they are; how far each has come is told by the server as it happens. */
const drop = document.getElementById("drop");
const field = document.getElementById("files");
const section = document.getElementById("joblist");
const list = section.querySelector(".jobs");

drop.querySelector("button").hidden = true;
drop.classList.add("live");

for (const row of list.querySelectorAll("[data-job]:not([data-over])")) follow(row.dataset.job, row);

field.addEventListener("change", () => take([...field.files]));
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  take([...event.dataTransfer.files]);
});

async function take(files) {
  for (const file of files) await one(file);
  field.value = "";
}

async function one(file) {
  const row = line(file.name, drop.dataset.sending);
  let answer;
  try {
    answer = await fetch(`/api/v1/imports?name=${encodeURIComponent(file.name)}`, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: file,
    });
  } catch {
    tell(row, drop.dataset.failed);
    return;
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    tell(row, told.error || (answer.status === 413 ? drop.dataset.tooLarge : drop.dataset.failed));
    return;
  }
  row.dataset.job = told.job.id;
  follow(told.job.id, row);
}

function follow(id, row) {
  const source = new EventSource(`/api/v1/imports/${id}/events`);
  source.addEventListener("message", (event) => {
    const job = JSON.parse(event.data);
    if (job.state === "reading") tell(row, drop.dataset.reading.replace("{n}", job.files), job.now);
    else if (job.state === "waiting") tell(row, drop.dataset.waiting);
    else {
      source.close();
      tell(row, job.told);
      problems(row, job);
    }
  });
}

function line(name, text) {
  section.hidden = false;
  const row = document.createElement("li");
  row.className = "card";
  const title = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = name;
  title.append(strong);
  const told = document.createElement("p");
  told.className = "told";
  row.append(title, told);
  list.prepend(row);
  tell(row, text);
  return row;
}

function tell(row, text, now = "") {
  const told = row.querySelector(".told");
  told.textContent = text;
  if (now) {
    const small = document.createElement("small");
    small.className = "soft";
    small.textContent = ` ${now}`;
    told.append(small);
  }
}

function problems(row, job) {
  const found = job.report ? job.report.problems : [];
  if (!found.length) return;
  const fold = document.createElement("details");
  fold.open = found.length < 6;
  const summary = document.createElement("summary");
  summary.textContent = job.problems_title;
  const all = document.createElement("ul");
  all.className = "problems small";
  for (const problem of found) {
    const item = document.createElement("li");
    const source = document.createElement("strong");
    source.textContent = problem.source;
    item.append(source, `${problem.where ? `, ${problem.where}` : ""}: ${problem.message}`);
    all.append(item);
  }
  fold.append(summary, all);
  row.append(fold);
}
