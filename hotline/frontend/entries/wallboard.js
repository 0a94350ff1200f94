// The wallboard: shows what the socket says, asks the server itself when the socket is silent, and says how old it is.
import { draw } from "../figures/draw.js";

const ASK_SECONDS = 10; // without a socket
const OLD_SECONDS = 45; // no answer for so long: shown as old
const $ = (selector, root = document) => root.querySelector(selector);
let heard = Date.now();
let socketAlive = false;
let content = JSON.parse($("#wall-data").textContent);

function text(element, value) {
  const shown = value === null || value === undefined ? "—" : String(value);
  if (element && element.textContent !== shown) element.textContent = shown;
}

function figures(name) {
  const box = $(`[data-figures="${name}"]`);
  for (const figure of Object.values(content[name])) {
    let cell = $(`[data-code="${figure.code}"]`, box);
    if (!cell) {
      cell = document.createElement("div");
      cell.dataset.code = figure.code;
      cell.append(document.createElement("b"), document.createElement("span"));
      box.append(cell);
    }
    const missed = figure.target !== null && figure.value !== null && figure.value < figure.target;
    cell.className = missed ? "short" : "";
    text($("b", cell), figure.value === null ? null : `${figure.value}${figure.unit}`);
    const parts = figure.denominator === null ? "" : ` ${figure.numerator}/${figure.denominator}`;
    text($("span", cell), `${figure.name}${parts}${missed ? " ▼" : ""}`);
  }
}

function table(name, rows) {
  const body = $(`[data-wall-table="${name}"] tbody`);
  body.replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    for (const cell of row) {
      const made = document.createElement("td");
      made.textContent = String(cell);
      line.append(made);
    }
    return line;
  }));
}

function show() {
  for (const box of document.querySelectorAll("[data-now]")) text(box, content.now[box.dataset.now]);
  for (const box of document.querySelectorAll("[data-call]")) text(box, content.calls[box.dataset.call]);
  figures("today");
  figures("month");
  const light = document.documentElement.dataset.theme === "light";
  const colours = light ? ["#0b4a8f", "#b25e00"] : ["#6cc0ff", "#ffc37a"];
  const size = parseFloat(getComputedStyle(document.body).fontSize) * 0.8; // grows with the screen, like the numbers
  draw($('[data-wall-chart="days"]'), {
    kind: "bar", size, upright: true, unit: "件", colours, labels: content.days.map((day) => day.day),
    series: [{ name: "受理", data: content.days.map((day) => day.received) }, { name: "办结", data: content.days.map((day) => day.closed) }],
  });
  draw($('[data-wall-chart="regions"]'), {
    kind: "bar", size, unit: "件", colours, labels: content.regions.slice(0, 8).map((bar) => bar.label),
    series: [{ name: "受理量", data: content.regions.slice(0, 8).map((bar) => bar.n) }],
  });
  table("days", content.days.map((day) => [day.day, day.received, day.closed]));
  table("regions", content.regions.map((bar) => [bar.label, bar.n]));
  age();
}

function age() {
  const silent = Math.round((Date.now() - heard) / 1000);
  const behind = content.age.seconds + silent;
  const old = silent > OLD_SECONDS || content.age.old || content.age.rebuild;
  const box = $("[data-age]");
  box.classList.toggle("old", old);
  text(box, old ? `⚠ 数据已过时 ${behind} 秒` : socketAlive ? "实时" : "每 10 秒更新");
  text($("[data-clock]"), new Date().toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false }));
}

function take(fresh) {
  content = fresh;
  heard = Date.now();
  show();
}

async function ask() {
  if (socketAlive && Date.now() - heard < OLD_SECONDS * 1000) return;
  try {
    const answer = await fetch("/figures/api/wall/", { headers: { Accept: "application/json" } });
    if (answer.ok) take(await answer.json());
  } catch {
    // the age on the page tells; the next round asks again
  }
}

function listen(wait = 1000) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws/figures/`);
  let opened = false;
  socket.addEventListener("open", () => { opened = socketAlive = true; });
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "wall") take(message.content);
  });
  socket.addEventListener("close", () => {
    socketAlive = false;
    ask();
    const pause = opened ? 1000 : Math.min(wait * 2, 30000);
    setTimeout(() => listen(pause), pause);
  });
}

$("[data-full]").addEventListener("click", () => document.documentElement.requestFullscreen?.());
show();
setInterval(age, 1000);
setInterval(ask, ASK_SECONDS * 1000);
listen();
