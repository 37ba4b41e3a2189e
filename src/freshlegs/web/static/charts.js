/* Hover, arrow keys and zoom for charts. Every number shown is read from the chart's own table. */

const SVG = "http://www.w3.org/2000/svg";

for (const figure of document.querySelectorAll("figure.chart")) bring(figure);

function bring(figure) {
  const rows = [...figure.querySelectorAll("tbody tr[data-at]")];
  const heads = [...figure.querySelectorAll("thead th")].map((head) => head.textContent);
  const readout = figure.querySelector(".readout");
  if (!rows.length) return;
  const places = rows.map((row) => Number(row.dataset.at));
  for (const plot of figure.querySelectorAll("[data-plot]")) {
    const svg = plot.querySelector("svg");
    if (!svg || svg.dataset.left === undefined) continue;
    live(figure, plot, svg, rows, places, heads, readout);
  }
}

function live(figure, plot, svg, rows, places, heads, readout) {
  const [left, right, low, high, top, bottom] = ["left", "right", "low", "high", "top", "bottom"].map((key) => Number(svg.dataset[key]));
  const days = figure.hasAttribute("data-zooms");
  const cross = svg.appendChild(document.createElementNS(SVG, "line"));
  cross.setAttribute("class", "cross");
  cross.setAttribute("visibility", "hidden");
  let now = -1;
  let kept = -1; // what a finger chose: it stays when the finger is gone
  let from = null;
  let chosen = null;

  plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-label", figure.dataset.keys || "");

  const where = (event) => {
    const box = svg.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
  };
  const value = (x) => low + ((Math.min(Math.max(x, left), right) - left) / (right - left)) * (high - low);
  const place = (at) => left + ((at - low) / (high - low)) * (right - left);

  function nearest(at) {
    if (days) { // a bin holds every day from its first to the next bin's
      let found = 0;
      for (let n = 0; n < places.length && places[n] <= at; n += 1) found = n;
      return found;
    }
    let found = 0;
    for (let n = 1; n < places.length; n += 1) if (Math.abs(places[n] - at) < Math.abs(places[found] - at)) found = n;
    return found;
  }

  function show(n) {
    now = n;
    const end = days ? (places[n + 1] ?? high) : places[n];
    const x = place(Math.max(low, (Math.max(places[n], low) + end) / 2));
    for (const [key, at] of Object.entries({ x1: x, x2: x, y1: top, y2: bottom })) cross.setAttribute(key, at.toFixed(1));
    cross.setAttribute("visibility", "visible");
    const cells = [...rows[n].children].map((cell) => cell.textContent);
    readout.replaceChildren(...cells.flatMap((text, k) => (text === "–" ? [] : [part(k ? heads[k] : "", text)])));
    readout.hidden = false;
  }

  function part(name, text) {
    const span = document.createElement("span");
    if (name) {
      const quiet = document.createElement("i");
      quiet.textContent = `${name} `;
      span.append(quiet, text);
    } else {
      const bold = document.createElement("b");
      bold.textContent = text;
      span.append(bold);
    }
    return span;
  }

  function hide() {
    cross.setAttribute("visibility", "hidden");
    readout.hidden = true;
    now = -1;
    kept = -1;
    drop();
  }

  function restore() {
    if (kept < 0) hide();
    else show(kept);
  }

  function drop() {
    from = null;
    if (chosen) chosen.remove();
    chosen = null;
  }

  svg.addEventListener("pointermove", (event) => {
    const x = where(event);
    show(nearest(value(x)));
    if (from === null || !days) return;
    if (!chosen) {
      chosen = svg.appendChild(document.createElementNS(SVG, "rect"));
      chosen.setAttribute("class", "chosen");
      chosen.setAttribute("y", top);
      chosen.setAttribute("height", bottom - top);
    }
    const ends = [from, x].map((at) => Math.min(Math.max(at, left), right)).sort((a, b) => a - b);
    chosen.setAttribute("x", ends[0]);
    chosen.setAttribute("width", ends[1] - ends[0]);
  });
  svg.addEventListener("pointerleave", restore);
  svg.addEventListener("pointercancel", restore); // it became a scroll of the page
  svg.addEventListener("pointerup", (event) => {
    if (event.pointerType === "mouse") return;
    kept = nearest(value(where(event)));
    show(kept);
  });
  document.addEventListener("pointerdown", (event) => {
    if (kept >= 0 && !plot.contains(event.target) && !readout.contains(event.target)) hide();
  });
  if (days) {
    svg.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button === 0) {
        from = where(event);
        event.preventDefault();
      }
    });
    svg.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const ends = [value(from), value(where(event))].sort((a, b) => a - b);
      drop();
      if (ends[1] - ends[0] >= 3) go(ends[0], ends[1]);
    });
    svg.addEventListener("dblclick", () => { if (now >= 0) zoom(0.5); });
  }

  function zoom(share) {
    const middle = now >= 0 ? places[now] + 0.5 : (low + high) / 2;
    const half = Math.max(((high - low) * share) / 2, 4);
    go(middle - half, middle + half);
  }

  function go(a, b) {
    const day = (number) => new Date(Math.floor(number) * 86400000).toISOString().slice(0, 10);
    const today = Math.floor(Date.now() / 86400000) + 1;
    const last = Math.min(b, today);
    location.search = new URLSearchParams({ first: day(Math.min(a, last - 1)), last: day(last) }).toString();
  }

  plot.addEventListener("keydown", (event) => {
    const start = now < 0 ? rows.length : now;
    const steps = { ArrowLeft: start - 1, ArrowRight: now < 0 ? 0 : now + 1, Home: 0, End: rows.length - 1, PageUp: start - 7, PageDown: start + 7 };
    if (event.key in steps) {
      show(Math.min(Math.max(steps[event.key], 0), rows.length - 1));
      event.preventDefault();
    } else if (event.key === "Escape") {
      hide();
    } else if (days && (event.key === "+" || event.key === "-")) {
      zoom(event.key === "+" ? 0.5 : 2);
      event.preventDefault();
    }
  });
  plot.addEventListener("blur", hide);
}
