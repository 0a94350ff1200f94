// The board: what the server's board says, drawn; the leader's own seat is needed to listen in.
import { get, hints, post } from "./server.js";
import { clock, el, list, make } from "./view.js";

const ACTIONS = [["listen", "监听"], ["whisper", "耳语"], ["barge", "强插"]];

function draw(board) {
  const { asked, answered, fast, abandoned, service_level: level } = board.today;
  el("today").replaceChildren(
    ...[["来电", asked], ["接听", answered], ["15秒内", fast], ["放弃", abandoned], ["应答及时率", level === null ? "—" : `${level}%`], ["待回拨", board.owed]].map(([name, value]) => {
      const tile = make("div", "", { class: "tile" });
      tile.append(make("b", String(value)), make("span", name));
      return tile;
    }),
  );
  list("queues", board.queues, (row) => {
    const line = make("tr");
    line.append(make("td", row.queue), make("td", row.waiting), make("td", clock(row.longest)));
    return line;
  });
  list("seats", board.seats, (row) => {
    const line = make("tr", "", { "data-mode": row.mode });
    const keys = make("td");
    if (row.mode === "talking") {
      for (const [mode, label] of ACTIONS) keys.append(button(label, () => order("spy", { seat: row.seat, mode })));
      keys.append(button("接管", () => order("take_over", { seat: row.seat })));
    }
    keys.append(button("签出", () => order("kick", { seat: row.seat })));
    line.append(make("td", row.seat), make("td", row.name), make("td", row.reason ? `${row.label}：${row.reason}` : row.label), make("td", clock(row.seconds)), keys);
    return line;
  });
}

function button(label, run) {
  const found = make("button", label);
  found.addEventListener("click", run);
  return found;
}

async function order(action, content) {
  try {
    await post("order", { action, ...content });
    el("said").textContent = "已执行";
  } catch (error) {
    el("said").textContent = error.message;
  }
}

for (const [id, path] of [["message", "messages"], ["notice", "notices"]])
  el(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const content = Object.fromEntries(new FormData(event.target));
    if (content.ends_at) content.ends_at = new Date(content.ends_at).toISOString();
    try {
      await post(path, content);
      el("said").textContent = "已发布";
      event.target.reset();
    } catch (error) {
      el("said").textContent = error.message;
    }
  });

draw(JSON.parse(el("first").textContent));
let up = false;
hints("/ws/board/", draw, (now) => {
  up = now;
  el("link").textContent = now ? "实时" : "轮询";
});
setInterval(async () => up || draw(await get("board")), 2000);
