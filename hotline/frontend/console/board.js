// The board: what the server's board says, drawn; the leader's own seat is needed to listen in.
import { get, hints, post } from "./server.js";
import { clock, el, list, make, seconds } from "./view.js";

const ACTIONS = [["listen", "监听"], ["whisper", "耳语"], ["barge", "强插"]];

function draw(board) {
  const { asked, answered, fast, abandoned, service_level: level } = board.today;
  el("today").replaceChildren(
    ...[["来电", asked], ["接听", answered], ["15秒内", fast], ["放弃", abandoned], ["应答及时率", level === null ? "—" : `${level}%`], ["待回拨", board.owed], ["录音异常", board.recordings]].map(([name, value]) => {
      const tile = make("div", "", { class: name === "录音异常" && value ? "tile bad" : "tile" });
      tile.append(make("b", String(value)), make("span", name));
      return tile;
    }),
  );
  list("queues", board.queues, (row) => {
    const line = make("tr");
    line.append(make("td", row.label || row.queue), make("td", row.waiting), make("td", clock(row.since ? seconds(row.since) : 0)));
    return line;
  });
  keyed("seats", board.seats, (row) => row.seat, seatLine, drawSeat);
  keyed("notices", board.notices, (row) => String(row.id), noticeLine, drawNotice);
}

// Rows stay where they are while their words change: a click or the focus on a button is never lost to an update.
function keyed(id, items, key, build, fill) {
  const body = el(id), lines = new Map([...body.children].map((line) => [line.dataset.key, line]));
  for (const item of items) {
    const line = lines.get(key(item)) || body.appendChild(build(item));
    lines.delete(key(item));
    fill(line, item);
  }
  for (const line of lines.values()) line.remove();
}

function seatLine(row) {
  const line = make("tr", "", { "data-key": row.seat });
  line.append(make("th", row.seat, { scope: "row" }), make("td"), make("td"), make("td"), make("td"));
  const keys = line.lastChild;
  for (const [mode, label] of ACTIONS) keys.append(button(label, () => order("spy", { seat: row.seat, mode })));
  keys.append(button("接管", () => order("take_over", { seat: row.seat })), button("签出", () => order("kick", { seat: row.seat })));
  return line;
}

function drawSeat(line, row) {
  const [, name, state, time, keys] = line.children;
  line.dataset.mode = row.mode;
  line.classList.toggle("late", Boolean(row.late));
  name.textContent = row.name;
  state.textContent = (row.reason ? `${row.label}：${row.reason}` : row.label) + (row.late ? "（超时）" : "");
  time.textContent = clock(seconds(row.since));
  for (const key of [...keys.children].slice(0, 4)) key.hidden = row.mode !== "talking";
}

function noticeLine(row) {
  const line = make("li", "", { "data-key": String(row.id) });
  line.append(make("span"), button("结束", () => said(post(`notices/${row.id}/end`, {}), "通告已结束")));
  return line;
}

function drawNotice(line, row) {
  const until = new Date(row.until).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  line.firstChild.textContent = `${row.text}（至 ${until}）`;
}

const NAMES = { spy: "监听", take_over: "接管", kick: "签出" };

function button(label, run) {
  const found = make("button", label);
  found.addEventListener("click", run);
  return found;
}

const order = (action, content) => said(post("order", { action, ...content }), `${NAMES[action]}：已执行`);

// What came of it, in words; true when it was done.
async function said(asked, done) {
  try {
    await asked;
    el("said").textContent = done;
    await look(); // what the leader just did is on the board now, not after the next change
    return true;
  } catch (error) {
    el("said").textContent = error.message;
    return false;
  }
}

for (const [id, path] of [["message", "messages"], ["notice", "notices"]])
  el(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const content = Object.fromEntries(new FormData(event.target));
    if (content.ends_at) content.ends_at = new Date(content.ends_at).toISOString();
    if (await said(post(path, content), "已发布")) event.target.reset();
  });

// The socket sends everything once and then what changed; without it the page asks.
let board = JSON.parse(el("first").textContent);
function take(news) {
  if (news.full) board = news;
  else {
    const { seats = [], gone = [], ...parts } = news;
    const rows = new Map(board.seats.map((row) => [row.seat, row]));
    for (const row of seats) rows.set(row.seat, row);
    for (const seat of gone) rows.delete(seat);
    board = { ...board, ...parts, seats: [...rows.values()].sort((a, b) => a.seat.localeCompare(b.seat)) };
  }
  draw(board);
}

draw(board);
let up = false;
hints("/ws/board/", take, (now) => {
  up = now;
  el("link").textContent = now ? "实时" : "轮询";
});
const look = () => get("board").then((whole) => take({ ...whole, full: true }), () => undefined); // the next second asks again
setInterval(() => (up ? draw(board) : look()), 1000); // with the socket only the clocks go on
