"use strict";
// Every text goes in as text: nothing out of a log is ever parsed as markup.
const $ = (id) => document.getElementById(id);
const data = (id) => JSON.parse($(id).textContent);
const WORDS = data("words-data");
const translate = (words, values = {}) => (WORDS[words] ?? words).replace(/\{(\w+)\}/g, (all, name) => Object.hasOwn(values, name) ? values[name] : all);
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;
const hex = (code, length) => code.toString(16).padStart(length, "0");
const SHORT = { 9: "\\t", 10: "\\n", 13: "\\r" };
const visible = (text) => String(text).replace(UNSAFE, (char) => {
  const code = char.codePointAt(0);
  return SHORT[code] ?? (code < 256 ? "\\x" + hex(code, 2) : code < 65536 ? "\\u" + hex(code, 4) : "\\U" + hex(code, 8));
});
const number = (value, places = 0) => value == null ? "n/a" : value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
// An amount that is not zero is not shown as zero, but to two digits. It comes rounded, as the file itself shows it.
const money = (value) => number(value, value && Math.abs(value) < 1e-4 ? 1 - value.toExponential().split("e")[1] : 4);
const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const name in attributes) if (attributes[name] != null && attributes[name] !== false) made.setAttribute(name, attributes[name] === true ? "" : attributes[name]);
  made.append(...children.filter((child) => child != null));
  return made;
};
const SVG = document.querySelector("svg").namespaceURI; // every page has pictures
const drawn = (tag, attributes, text) => {
  const made = document.createElementNS(SVG, tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  if (text != null) made.textContent = text;
  return made;
};

// Colours: the system's, until the button is pressed.
const theme = $("theme"), root = document.documentElement;
const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const nameTheme = () => { const other = isDark() ? "Light" : "Dark"; theme.textContent = translate(other); theme.setAttribute("aria-label", translate(other + " colours")); };
theme.onclick = () => { root.dataset.theme = isDark() ? "light" : "dark"; nameTheme(); };
theme.hidden = false;
nameTheme();

// Charts over time: a line and a sentence under the pointer, or under the arrow keys.
const LEFT = 4;
for (const pane of document.querySelectorAll("[data-points]")) {
  const points = data(pane.dataset.points), reading = pane.querySelector(".reading"), svg = pane.querySelector("svg"), hair = svg.querySelector(".hair");
  let at = points.length - 1;
  const show = (place) => {
    at = Math.max(0, Math.min(points.length - 1, place));
    const x = LEFT + (100 - LEFT) * (at + 0.5) / points.length + "%", [name, n, p50, p95] = points[at];
    hair.setAttribute("x1", x); hair.setAttribute("x2", x); hair.removeAttribute("display");
    reading.textContent = translate("{name}: p50 {p50}, p95 {p95} ms, n {n}", { name, p50, p95, n });
  };
  const hide = () => { hair.setAttribute("display", "none"); reading.textContent = ""; };
  svg.setAttribute("tabindex", "0");
  svg.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -points.length, End: points.length };
    if (Object.hasOwn(steps, event.key)) { show(at + steps[event.key]); event.preventDefault(); }
  });
  svg.addEventListener("focus", () => show(at));
  svg.addEventListener("blur", hide);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    show(Math.floor(((event.clientX - box.left) / box.width * 100 - LEFT) / (100 - LEFT) * points.length));
  });
  svg.addEventListener("pointerleave", () => document.activeElement === svg ? show(at) : hide());
}

// The list of calls.
const CALLS = data("calls-data"), DETAILS = data("details-data"), SLOW = data("slow-data"), C = CALLS.columns, V = CALLS.values, N = C.call_id.length, ROWS = 50;
const shared = (name, row) => V[name][C[name][row]];
const spelled = (outcome) => translate(String(outcome).replace("_", " "));
const minute = (row) => new Date(C.started_at[row] * 60000).toISOString().slice(0, 16).replace("T", " ");
const agent = (row) => [shared("agent_name", row), shared("agent_version", row)].filter(Boolean).map(visible).join(" ");
const WRITE = {
  started_at: minute, agent_name: agent, outcome: (row) => spelled(shared("outcome", row)),
  cost_total: (row) => money(C.cost_total[row]) + (C.is_partial[row] ? "+" : ""),
};
const table = document.querySelector(".calls"), body = table.tBodies[0], pager = $("pager"), tools = $("tools");
const COLUMNS = [...table.tHead.rows[0].cells].map((cell) => ({ name: cell.dataset.column, kind: cell.className, cell }));
let order = [...Array(N).keys()], sorting = ["eou_latency_ms_max", -1], page = 0;
const haystack = order.map((row) => [C.call_id[row], ...["agent_name", "agent_version", "language", "direction"].map((name) => shared(name, row))].join(" ").toLowerCase());
const choice = (label, options) => element("select", { "aria-label": label }, ...options.map(([value, text]) => element("option", { value }, text)));
const ofColumn = (name, label, write) => choice(label, [["", label], ...V[name].map((value, place) => [value, place]).filter(([value]) => value != null).map(([value, place]) => [place, write(value)]).sort((a, b) => a[1] < b[1] ? -1 : 1)]);
const search = element("input", { type: "search", placeholder: translate("Call, agent, version, language…"), "aria-label": translate("Search calls") });
const byOutcome = ofColumn("outcome", translate("Every outcome"), spelled), byAgent = ofColumn("agent_name", translate("Every agent"), visible);
const bySlowness = choice(translate("How slow"), [["", translate("Any response")], ...[SLOW, 2 * SLOW].map((ms) => [ms, translate("A turn over {ms} ms", { ms: number(ms) })])]);
const count = element("span", { class: "count", role: "status" });
tools.append(search, byOutcome, byAgent, bySlowness, count);
tools.hidden = false;

const sorted = () => {
  const [name, direction] = sorting, value = name in V ? (row) => shared(name, row) : (row) => C[name][row];
  order.sort((a, b) => {
    const x = value(a), y = value(b);
    return x === y ? a - b : x == null ? 1 : y == null ? -1 : x < y ? -direction : direction;
  });
};
const cellOf = ({ name, kind }, row) => {
  const made = element("td", { class: name === "outcome" ? `${kind} is-${String(shared("outcome", row)).replace(/\W/g, "")}` : kind || null });
  if (name === "call_id") {
    const id = C.call_id[row];
    made.dir = "auto";
    made.append(Object.hasOwn(DETAILS, id) ? element("a", { href: "#call=" + encodeURIComponent(id) }, visible(id)) : visible(id));
  } else made.append((WRITE[name] ?? ((each) => number(C[name][each])))(row));
  return made;
};
const draw = () => {
  const wanted = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean), slow = +bySlowness.value;
  const found = order.filter((row) => (byOutcome.value === "" || C.outcome[row] === +byOutcome.value) && (byAgent.value === "" || C.agent_name[row] === +byAgent.value)
    && (!slow || C.eou_latency_ms_max[row] > slow) && wanted.every((word) => haystack[row].includes(word)));
  const pages = Math.max(1, Math.ceil(found.length / ROWS));
  page = Math.min(page, pages - 1);
  body.replaceChildren(...found.slice(page * ROWS, (page + 1) * ROWS).map((row) => element("tr", {}, ...COLUMNS.map((column) => cellOf(column, row)))));
  count.textContent = translate(new Intl.PluralRules(document.documentElement.lang).select(N) === "one" ? "{n} of {all} call" : "{n} of {all} calls", { n: number(found.length), all: number(N) });
  const turn = (step, text) => {
    const button = element("button", { type: "button", disabled: page + step < 0 || page + step >= pages }, text);
    button.onclick = () => { page += step; draw(); };
    return button;
  };
  pager.replaceChildren(...(pages > 1 ? [turn(-1, translate("Previous")), translate("{n} of {all}", { n: number(page + 1), all: number(pages) }), turn(1, translate("Next"))] : []));
};
const markSorting = () => {
  for (const { name, cell } of COLUMNS) name === sorting[0] ? cell.setAttribute("aria-sort", sorting[1] > 0 ? "ascending" : "descending") : cell.removeAttribute("aria-sort");
};
for (const { name, kind, cell } of COLUMNS) {
  const button = element("button", { type: "button" }, cell.textContent);
  button.onclick = () => { sorting = [name, sorting[0] === name ? -sorting[1] : kind.includes("num") ? -1 : 1]; page = 0; markSorting(); sorted(); draw(); };
  cell.replaceChildren(button);
}
for (const each of [search, byOutcome, byAgent, bySlowness]) each.addEventListener("input", () => { page = 0; draw(); });
markSorting();
sorted();
draw();

// One call. call/drawing.py draws the same without a script.
const LANE = 14, LEGEND = [["caller", "Caller"], ["eot", "End of turn"], ["stt", "STT"], ["llm", "LLM"], ["tool", "Tool"], ["tts", "TTS"], ["realtime", "Realtime"], ["gap", "Unattributed"], ["agent", "Agent"]];
const share = (value) => +value.toFixed(3) + "%";
const pairs = (edges) => Array.from({ length: edges.length / 2 }, (_, place) => [edges[2 * place], edges[2 * place + 1]]);
const minus = (value) => value < 0 ? "−" + number(-value) : number(value);
const lanes = (lanesOfTurn, flags, [low, high], title) => {
  const x = (at) => 100 * (Math.min(Math.max(at, low), high) - low) / (high - low), height = LANE * lanesOfTurn.length;
  const spoken = lanesOfTurn.map(([kind, name, edges]) => `${visible(name || kind)} ${pairs(edges).map(([begin, end]) => `${begin} – ${end}`).join(", ")}`).join("; ");
  const svg = drawn("svg", { class: "lanes", width: "100%", height, role: "img", "aria-label": `${title}, ms: ${spoken}` });
  const line = (kind, at) => svg.append(drawn("line", { class: kind, x1: share(x(at)), x2: share(x(at)), y1: 0, y2: height }));
  if (flags & 2) { line("zero", 0); if (high >= SLOW) line("bound", SLOW); }
  lanesOfTurn.forEach(([kind, name, edges, note, waited, isCut], place) => {
    const spans = pairs(edges), y = LANE * place;
    const pieces = waited != null && spans.length ? [[spans[0][0], waited, " wait"], [waited, spans[0][1], ""]] : spans.map(([begin, end]) => [begin, end, ""]);
    for (const [begin, end, wait] of pieces) {
      if (end < low || begin > high) continue;
      const rect = drawn("rect", { class: `c-${kind}${wait}`, x: share(x(begin)), width: share(Math.max(x(end) - x(begin), 0.15)), y: y + 2, height: 10 });
      if (note) rect.append(drawn("title", {}, `${visible(name || kind)}: ${visible(note)}`));
      svg.append(rect);
    }
    if (isCut && spans.length) { const at = share(x(spans.at(-1)[1])); svg.append(drawn("line", { class: "cut", x1: at, x2: at, y1: y - 1, y2: y + LANE })); }
  });
  const names = element("ol", { class: "lane-names" }, ...lanesOfTurn.map(([kind, name, , note]) => element("li", { title: note ? visible(note) : null, dir: "auto" }, visible(name || kind))));
  return element("div", { class: "lanes-of" }, names, svg);
};
const strip = ([to, caller, agentSpans, cuts, from]) => {
  const length = to - from || 1, x = (at) => share(100 * (at - from) / length);
  const svg = drawn("svg", { class: "strip", width: "100%", height: 72, role: "img", "aria-label": translate("Who spoke when, over the whole call") });
  for (const [kind, y, spans] of [["caller", 14, caller], ["agent", 42, agentSpans]]) {
    svg.append(drawn("text", { class: "tick", x: 0, y: y - 4 }, translate(kind)));
    for (const [begin, stop] of spans) svg.append(drawn("rect", { class: "c-" + kind, x: x(begin), width: share(Math.max(100 * (stop - begin) / length, 0.15)), y, height: 12 }));
  }
  for (const at of cuts) svg.append(drawn("line", { class: "cut", x1: x(at), x2: x(at), y1: 14, y2: 54 }));
  const step = [5, 10, 15, 30, 60, 120, 300, 600, 1200].find((each) => length / each < 12) ?? 3600, first = Math.ceil(from / step) * step;
  const all = Math.max(0, Math.floor((Math.floor(from + length) - first) / step) + 1), every = Math.ceil(all / 5);
  for (let place = 0; place < all; place++) {
    const at = first + place * step, part = (at - from) / length, anchor = !part ? "start" : part > 0.97 ? "end" : "middle";
    svg.append(drawn("text", { class: place % every ? "tick minor" : "tick", "text-anchor": anchor, x: x(at), y: 69 }, `${Math.floor(at / 60)}:${String(at % 60).padStart(2, "0")}`));
  }
  return svg;
};
const said = (words) => element("div", { class: "words" }, ...["caller", "agent"].map((side, place) => words[place] == null ? null
  : element("p", { class: "said " + side }, element("span", { class: "side" }, translate(side) + ": "), element("span", { dir: "auto" }, visible(words[place])))));
const turnRow = ([title, at, stopped, response, flags, lanesOfTurn, words], range) => {
  const left = element("div", {}, element("h3", {}, title), element("p", { class: "of", dir: "auto" }, visible(at)), stopped ? element("p", { class: "of bad" }, visible(stopped)) : null);
  const right = element("div", { class: "response" }, response, response ? element("small", {}, translate("ms response")) : null);
  const row = element("div", { class: flags & 1 ? "turn slow" : "turn" }, left, lanes(lanesOfTurn, flags, range, title), right);
  row.words = words;
  return row;
};
const view = $("call"), main = $("main"), header = document.querySelector("header"), title = document.title;
const open = (id) => {
  if (!Object.hasOwn(DETAILS, id)) return close();
  const { subtitle, facts, why, range, strip: spans, turns, excerpt } = DETAILS[id];
  const home = element("button", { type: "button" }, "← " + translate("All calls"));
  home.onclick = () => { location.hash = "calls"; };
  const rows = turns.map((turn) => turnRow(turn, range));
  const words = element("button", { type: "button", "aria-pressed": "false", hidden: !turns.some((turn) => turn[6]) }, translate("Show the words"));
  words.onclick = () => {
    const isShown = words.getAttribute("aria-pressed") !== "true";
    words.setAttribute("aria-pressed", isShown);
    words.textContent = translate(isShown ? "Hide the words" : "Show the words");
    for (const row of rows) { row.querySelector(".words")?.remove(); if (isShown && row.words) row.append(said(row.words)); }
  };
  const explained = "All turns on one scale, {low} to {high} ms; 0 (dotted) is where the caller stops, the red dashes are {slow} ms. Pale: waiting for the provider. Solid: it answers. A red stroke ends speech that was cut off.";
  view.replaceChildren(
    element("div", { class: "tools" }, home, words),
    element("h1", { class: "id", dir: "auto" }, visible(id)),
    element("p", { class: "facts", dir: "auto" }, visible(subtitle)),
    element("div", { class: "chips" }, ...facts.map(([name, value]) => element("div", {}, element("span", {}, name), element("b", {}, visible(value))))),
    element("p", { class: "of", dir: "auto" }, visible(why)),
    excerpt ? element("p", { class: "of excerpt" }, excerpt) : "",
    element("h2", {}, translate("The call")), element("figure", {}, strip(spans)),
    element("h2", {}, translate("Turn by turn")),
    element("p", { class: "of" }, translate(explained, { low: minus(range[0]), high: number(range[1]), slow: number(SLOW) })),
    element("ul", { class: "legend" }, ...LEGEND.map(([kind, name]) => element("li", {}, element("span", { class: "swatch c-" + kind }), translate(name)))),
    element("figure", { class: "turns" }, ...rows));
  main.hidden = header.hidden = true;
  view.hidden = false;
  document.title = visible(id) + " · voicetel";
  scrollTo(0, 0);
  home.focus({ preventScroll: true });
  opened = id;
};
let opened = null;
const close = () => {
  if (view.hidden) return;
  view.hidden = true;
  view.replaceChildren();
  main.hidden = header.hidden = false;
  document.title = title;
  $("calls").scrollIntoView();
  const href = "#call=" + encodeURIComponent(opened);
  [...table.querySelectorAll("a")].find((each) => each.getAttribute("href") === href)?.focus({ preventScroll: true });
};
const route = () => {
  const wanted = /^#call=(.*)$/.exec(location.hash);
  let id = null;
  try { id = wanted && decodeURIComponent(wanted[1]); } catch { id = null; }
  id === null ? close() : open(id);
};
addEventListener("hashchange", route);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !view.hidden) location.hash = "calls";
  if (event.key === "/" && view.hidden && !/INPUT|SELECT/.test(document.activeElement.tagName)) { event.preventDefault(); search.focus(); }
});
route();
