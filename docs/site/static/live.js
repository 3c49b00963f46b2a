/* The figures that move without a kernel. A page holds <div class="live" data-live="02"> and, before
   this file runs, the script live/02.js with the figure's numbers in course["02"].
   What computes comes first and touches no page, so that the tests can call it: course.compute. */
(() => {
"use strict";
const course = (globalThis.course ??= {});

/* -------------------------------------------------------------------------- what computes */

/** Numbers from base64 of little-endian float16. */
function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const halves = new Uint16Array(bytes.buffer), numbers = new Float32Array(halves.length);
  halves.forEach((half, i) => {
    const exponent = (half >> 10) & 31, fraction = half & 1023;
    const size = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction;
    numbers[i] = half & 0x8000 ? -size : size;
  });
  return numbers;
}

const bends = {
  linear: (x) => x,
  relu: (x) => Math.max(0, x),
  silu: (x) => x / (1 + Math.exp(-x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

/** A function from a list of numbers to what a network of dense layers answers. */
function network(parts) {
  const layers = parts.map((part) => ({
    size: part.size, bend: bends[part.bend], kernel: unpack(part.kernel), bias: unpack(part.bias),
  }));
  return (input) => layers.reduce((x, { size: [rows, columns], bend, kernel, bias }) => {
    const sum = Float32Array.from(bias);
    for (let i = 0; i < rows; i++) {
      for (let j = 0, at = i * columns; j < columns; j++) sum[j] += x[i] * kernel[at + j];
    }
    return sum.map(bend);
  }, input);
}

/** The way of a point from t = 0 to t = 1 in midpoint steps, as lesson 10 writes it. */
function follow(velocity, point, steps = 20) {
  const way = [point], h = 1 / steps;
  for (let k = 0; k < steps; k++) {
    const [x, y] = way[k];
    const [u, v] = velocity([x, y, k * h]);
    const [du, dv] = velocity([x + (h / 2) * u, y + (h / 2) * v, (k + 0.5) * h]);
    way.push([x + h * du, y + h * dv]);
  }
  return way;
}

/** How much of a pixel's color comes from each of its eight neighbors, as in lesson 5. */
function neighborWeights(lightness, height, width) {
  const weights = new Float64Array(8 * height * width), near = new Int32Array(8 * height * width);
  const at = (row, column) =>  // as SciPy's filter sees the border: mirrored
    lightness[Math.min(height - 1, Math.max(0, row)) * width + Math.min(width - 1, Math.max(0, column))];
  for (let row = 0; row < height; row++) for (let column = 0; column < width; column++) {
    const i = row * width + column;
    let sum = 0, squares = 0, total = 0, k = 8 * i;
    for (let a = -1; a <= 1; a++) for (let b = -1; b <= 1; b++) {
      const value = at(row + a, column + b);
      sum += value; squares += value * value;
    }
    const spread = Math.max(0.6 * (squares / 9 - (sum / 9) ** 2), 2e-6);
    for (let a = -1; a <= 1; a++) for (let b = -1; b <= 1; b++) {
      if (!a && !b) continue;
      const inside = row + a >= 0 && row + a < height && column + b >= 0 && column + b < width;
      near[k] = inside ? i + a * width + b : i;
      weights[k] = inside ? Math.exp(-((lightness[near[k]] - lightness[i]) ** 2) / spread) : 0;
      total += weights[k++];
    }
    for (let j = 8 * i; j < 8 * i + 8; j++) weights[j] /= total;
  }
  return { weights, near };
}

/** Solve the lesson's sparse system by BiCGSTAB, as conjugate gradients for equations that are not
    symmetric; starts from x, changes it, and yields after every ten steps. ``given`` marks hints. */
function* solve({ weights, near }, x, given, tolerance = 1e-20) {
  const n = x.length, zeros = () => new Float64Array(n);
  const apply = (v, to) => {  // (1 - W) v where no hint is, and 0 where one is
    for (let i = 0; i < n; i++) {
      if (given[i]) { to[i] = 0; continue; }
      let sum = v[i];
      for (let k = 8 * i; k < 8 * i + 8; k++) sum -= weights[k] * v[near[k]];
      to[i] = sum;
    }
  };
  const dot = (a, b) => { let sum = 0; for (let i = 0; i < n; i++) sum += a[i] * b[i]; return sum; };
  const r = zeros(), p = zeros(), v = zeros(), s = zeros(), t = zeros();
  apply(x, r);
  for (let i = 0; i < n; i++) r[i] = -r[i];
  const shadow = Float64Array.from(r);
  let rho = 1, alpha = 1, omega = 1;
  for (let step = 1; step <= 3000 && dot(r, r) > tolerance * n; step++) {
    const next = dot(shadow, r), beta = (next / rho) * (alpha / omega);
    rho = next;
    for (let i = 0; i < n; i++) p[i] = r[i] + beta * (p[i] - omega * v[i]);
    apply(p, v);
    alpha = rho / dot(shadow, v);
    for (let i = 0; i < n; i++) s[i] = r[i] - alpha * v[i];
    apply(s, t);
    omega = dot(t, s) / dot(t, t);
    if (!Number.isFinite(alpha) || !Number.isFinite(omega)) return;
    for (let i = 0; i < n; i++) {
      x[i] += alpha * p[i] + omega * s[i];
      r[i] = s[i] - omega * t[i];
    }
    if (step % 10 === 0) yield step;
  }
}

/** CIE Lab (lightness in [0, 1], chroma in hundreds) from red, green, blue in [0, 1], and back. */
const WHITE = [0.95047, 1, 1.08883];
function toLab(rgb) {
  const [r, g, b] = rgb.map((v) => (v > 0.04045 ? ((v + 0.055) / 1.055) ** 2.4 : v / 12.92));
  const xyz = [0.412453 * r + 0.35758 * g + 0.180423 * b, 0.212671 * r + 0.71516 * g + 0.072169 * b,
    0.019334 * r + 0.119193 * g + 0.950227 * b];
  const [x, y, z] = xyz.map((v, i) => v / WHITE[i]).map((v) => (v > 0.008856 ? Math.cbrt(v) : 7.787 * v + 16 / 116));
  return [1.16 * y - 0.16, 5 * (x - y), 2 * (y - z)];
}
function toRgb(lightness, a, b) {
  const y = (lightness + 0.16) / 1.16;
  const [X, Y, Z] = [y + a / 5, y, y - b / 2].map((v, i) =>
    WHITE[i] * (v > 0.2068966 ? v ** 3 : (v - 16 / 116) / 7.787));
  return [3.240481 * X - 1.537152 * Y - 0.498536 * Z, -0.969255 * X + 1.87599 * Y + 0.041556 * Z,
    0.055647 * X - 0.204041 * Y + 1.057311 * Z].map((v) =>
    Math.min(1, Math.max(0, v > 0.0031308 ? 1.055 * v ** (1 / 2.4) - 0.055 : 12.92 * v)));
}

course.compute = { unpack, network, follow, neighborWeights, solve, toLab, toRgb };
if (typeof document === "undefined") return;

/* ----------------------------------------------------------------------------- what draws */

const CLASSES = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"];
const MOONS = ["#0072b2", "#d55e00"];

/** An element with attributes and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function canvas(width, height, label) {
  const element = make("canvas", { width, height, role: "img", "aria-label": label });
  return [element, element.getContext("2d")];
}

/** A slider with its name and its value, for the keyboard as much as for the mouse. */
function slider(name, min, max, step, value, onChange) {
  const input = make("input", { type: "range", min, max, step, value });
  const shown = make("output", {}, String(value));
  input.addEventListener("input", () => { shown.textContent = input.value; onChange(); });
  const label = make("label", {}, make("span", {}, name), input, shown);
  const set = (to) => {
    input.value = to;
    shown.textContent = input.value;
  };
  return { label, get: () => Number(input.value), set };
}

/** Call back with the place, from 0 to 1 across and down, while the pointer is held on an element. */
function onDrag(element, onPlace) {
  const tell = (event) => {
    const box = element.getBoundingClientRect();
    onPlace((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  element.addEventListener("pointerdown", (event) => { element.setPointerCapture(event.pointerId); tell(event); });
  element.addEventListener("pointermove", (event) => { if (event.buttons || event.pointerType === "mouse") tell(event); });
}

function dot(pen, x, y, radius, color) {
  pen.fillStyle = color;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

/** Where a value lies between two ends, from 0 to 1, and back: at even steps, or by rank. */
function even(low, high) {
  return { share: (v) => (v - low) / (high - low), value: (share) => low + share * (high - low) };
}
function ranks(values) {
  const sorted = values.sort(), last = sorted.length - 1;
  return {
    share: (v) => {
      const after = sorted.findIndex((other) => other > v), i = after < 0 ? last : Math.max(1, after);
      const within = (v - sorted[i - 1]) / (sorted[i] - sorted[i - 1]);
      return (i - 1 + Math.min(1, Math.max(0, within))) / last;
    },
    value: (share) => {
      const at = Math.min(1, Math.max(0, share)) * last, i = Math.min(last - 1, Math.floor(at));
      return sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]);
    },
  };
}

/** The plane of a decoder of two numbers: point at a code, and see the digit. */
function plane(figure, root) {
  const decode = network(figure.network), points = unpack(figure.points), side = 420;
  const [map, pen] = canvas(side, side, "The codes of the test digits in the plane, colored by class; a ring marks the chosen code");
  const [tile, paint] = canvas(28, 28, "The image that the decoder paints for the chosen code");
  const [low, high] = [figure.low, figure.high];
  const scale = figure.byRank ? [0, 1].map((axis) => ranks(points.filter((_, i) => i % 2 === axis)))
    : [0, 1].map((axis) => even(low[axis], high[axis]));
  const x = (v) => side * scale[0].share(v), y = (v) => side * (1 - scale[1].share(v));
  const step = 0.01;
  const show = () => {
    const image = paint.createImageData(28, 28);
    decode([first.get(), second.get()]).forEach((v, i) => image.data.set([255 * v, 255 * v, 255 * v, 255], 4 * i));
    paint.putImageData(image, 0, 0);
    pen.clearRect(0, 0, side, side);
    for (let i = 0; i < points.length; i += 2) dot(pen, x(points[i]), y(points[i + 1]), 3, CLASSES[figure.labels[i / 2]] + "b0");
    pen.font = "bold 18px sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    middles.forEach(([a, b], digit) => {
      dot(pen, x(a), y(b), 13, "#fff");
      pen.fillStyle = "#222";
      pen.fillText(digit, x(a), y(b) + 1);
    });
    pen.lineWidth = 3;
    pen.strokeStyle = "#000";
    pen.beginPath();
    pen.arc(x(first.get()), y(second.get()), 9, 0, 2 * Math.PI);
    pen.stroke();
  };
  const middles = CLASSES.map((_, digit) => [0, 1].map((axis) => {
    const values = [...figure.labels].flatMap((label, i) => (Number(label) === digit ? [points[2 * i + axis]] : []));
    return values.sort((a, b) => a - b)[values.length >> 1];
  }));
  const first = slider("first number", low[0], high[0], step, figure.start[0], show);
  const second = slider("second number", low[1], high[1], step, figure.start[1], show);
  onDrag(map, (across, down) => {
    first.set(scale[0].value(across));
    second.set(scale[1].value(1 - down));
    show();
  });
  map.className = "live-map";
  tile.className = "live-tile";
  root.append(
    make("div", { class: "live-row" }, map, make("div", { class: "live-side" }, tile, first.label, second.label)),
    make("p", {}, "Move over the plane, or use the sliders. The decoder runs in this page; dots are the codes of test digits" +
      (figure.byRank ? ", at equal steps in rank." : ".")),
  );
  show();
}

/** The flow of lesson 10: a cloud of noise on its way to two moons, and a point of one's own. */
function flow(figure, root) {
  const velocity = network(figure.network), points = unpack(figure.points), noise = unpack(figure.noise);
  const [width, height, zoom] = [480, 400, 78];
  const [map, pen] = canvas(width, height, "Points on their way from noise to two moons, and the way of the chosen point");
  const at = ([a, b]) => [width / 2 + zoom * a, height / 2 - zoom * b];
  const moonOf = ([a, b]) => {
    let best = Infinity, moon = 0;
    for (let i = 0; i < points.length; i += 2) {
      const distance = (points[i] - a) ** 2 + (points[i + 1] - b) ** 2;
      if (distance < best) [best, moon] = [distance, figure.labels[i / 2]];
    }
    return moon;
  };
  let ways = [];
  const show = () => {
    const k = Math.round(20 * time.get()), mine = follow(velocity, [first.get(), second.get()]);
    pen.clearRect(0, 0, width, height);
    for (let i = 0; i < points.length; i += 2) dot(pen, ...at([points[i], points[i + 1]]), 1.5, "#bbb");
    for (const { way, moon } of ways) dot(pen, ...at(way[k]), 2.5, MOONS[moon] + "c0");
    pen.strokeStyle = "#000";
    pen.lineWidth = 2;
    pen.beginPath();
    mine.forEach((place) => pen.lineTo(...at(place)));
    pen.stroke();
    dot(pen, ...at(mine[0]), 4, "#000");
    dot(pen, ...at(mine[k]), 8, "#000");
    dot(pen, ...at(mine[k]), 6, MOONS[moonOf(mine[20])]);
  };
  const time = slider("time", 0, 1, 0.05, 0, show);
  const first = slider("start, across", -2.5, 2.5, 0.05, 1, show);
  const second = slider("start, up", -2.5, 2.5, 0.05, 1.5, show);
  const play = make("button", { type: "button" }, "Let it go");
  play.addEventListener("click", () => {
    let k = 0;
    const tick = () => {
      time.set(k / 20);
      show();
      if (k++ < 20) setTimeout(tick, 60);
    };
    tick();
  });
  onDrag(map, (across, down) => {
    first.set((across * width - width / 2) / zoom);
    second.set((height / 2 - down * height) / zoom);
    show();
  });
  map.className = "live-map";
  root.append(
    make("div", { class: "live-row" }, map, make("div", { class: "live-side" }, play, time.label, first.label, second.label)),
    make("p", {}, "Point at a place: the black line is the way that noise takes from there. Colors tell on which moon a point ends."),
  );
  show();
  setTimeout(() => {  // the page first, then 300 ways
    for (let i = 0; i < noise.length; i += 2) {
      const way = follow(velocity, [noise[i], noise[i + 1]]);
      ways.push({ way, moon: moonOf(way[20]) });
    }
    show();
  });
}

const PALETTE = { sky: "#b0c4de", cloud: "#f0f8ff", water: "#d3d3d3", roof: "#cd853f", column: "#a52a2a", leaf: "#556b2f", tile: "#2e8b8b" };
const FIRST_HINTS = [[12, 20, "sky"], [30, 140, "cloud"], [70, 120, "water"], [22, 50, "roof"], [66, 52, "roof"],
  [86, 85, "roof"], [48, 56, "column"], [75, 48, "column"], [95, 15, "leaf"], [92, 100, "leaf"], [60, 150, "leaf"]];

/** Lesson 5's hints: place a color, and see it spread. */
function hints(figure, root) {
  const { height, width } = figure, lightness = unpack(figure.lightness), n = height * width;
  const system = neighborWeights(lightness, height, width);
  const [board, pen] = canvas(width, height, "The gray photo, colored from the hints; rings mark the hints");
  const chroma = [new Float64Array(n), new Float64Array(n)];
  let placed = [], run = 0;
  const show = () => {
    const image = pen.createImageData(width, height);
    for (let i = 0; i < n; i++) {
      const rgb = toRgb(lightness[i], chroma[0][i], chroma[1][i]);
      image.data.set([255 * rgb[0], 255 * rgb[1], 255 * rgb[2], 255], 4 * i);
    }
    pen.putImageData(image, 0, 0);
    marks.replaceChildren(...placed.map(([row, column, color]) =>
      make("i", { style: `left:${(100 * (column + 0.5)) / width}%;top:${(100 * (row + 0.5)) / height}%;background:${color}` })));
    cross.style.left = `${(100 * (place.column.get() + 0.5)) / width}%`;
    cross.style.top = `${(100 * (place.row.get() + 0.5)) / height}%`;
  };
  const spread = () => {
    const given = new Uint8Array(n), mine = ++run;
    for (const [row, column, color] of placed) {
      const rgb = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255), [, a, b] = toLab(rgb);
      for (let i = row - 1; i <= row + 1; i++) for (let j = column - 1; j <= column + 1; j++) {
        if (i < 0 || j < 0 || i >= height || j >= width) continue;
        given[i * width + j] = 1;
        chroma[0][i * width + j] = a;
        chroma[1][i * width + j] = b;
      }
    }
    if (!placed.length) chroma.forEach((values) => values.fill(0));
    const solvers = placed.length ? chroma.map((values) => solve(system, values, given)) : [];
    const go = () => {
      if (mine !== run) return;
      const end = performance.now() + 25;
      let busy = true;
      while (busy && performance.now() < end) busy = !solvers.map((solver) => solver.next().done).every(Boolean);
      show();
      root.toggleAttribute("data-busy", busy);
      words.textContent = busy ? "The colors spread." : `${placed.length} hints.`;
      if (busy) requestAnimationFrame(go);
    };
    go();
  };
  const add = () => {
    placed.push([place.row.get(), place.column.get(), color.value]);
    spread();
  };
  const place = {
    row: slider("row", 0, height - 1, 1, 53, () => show()),
    column: slider("column", 0, width - 1, 1, 110, () => show()),
  };
  const color = make("input", { type: "color", value: PALETTE.roof });
  const swatches = Object.entries(PALETTE).map(([name, value]) => {
    const button = make("button", { type: "button", class: "live-swatch", style: `background:${value}`, title: name, "aria-label": `color: ${name}` });
    button.addEventListener("click", () => { color.value = value; });
    return button;
  });
  const buttons = [
    ["Place the hint", add],
    ["Take the last one back", () => { placed.pop(); chroma.forEach((values) => values.fill(0)); spread(); }],
    ["Begin with none", () => { placed = []; spread(); }],
  ].map(([name, act]) => {
    const button = make("button", { type: "button" }, name);
    button.addEventListener("click", act);
    return button;
  });
  const words = make("p", { role: "status" });
  const marks = make("span", { class: "live-marks" }), cross = make("b", { class: "live-cross" });
  const frame = make("div", { class: "live-photo" }, board, marks, cross);
  board.addEventListener("pointerdown", (event) => {
    const box = board.getBoundingClientRect();
    place.row.set(Math.floor(((event.clientY - box.top) / box.height) * height));
    place.column.set(Math.floor(((event.clientX - box.left) / box.width) * width));
    add();
  });
  root.append(frame, make("div", { class: "live-side live-wide" },
    make("div", { class: "live-swatches" }, make("label", {}, make("span", {}, "color"), color), ...swatches),
    place.row.label, place.column.label, make("div", { class: "live-buttons" }, ...buttons)), words);
  placed = FIRST_HINTS.map(([row, column, name]) => [row, column, PALETTE[name]]);
  spread();
}

const kinds = { plane, flow, hints };
document.addEventListener("DOMContentLoaded", () => {
  for (const root of document.querySelectorAll(".live")) {
    const figure = course[root.dataset.live];
    if (!figure) continue;
    kinds[figure.kind](figure, root);
    root.hidden = false;
    if ("replaces" in root.dataset) root.previousElementSibling?.querySelector(".cell_output")?.setAttribute("hidden", "");
  }
});
})();
