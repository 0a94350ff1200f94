// Who calls: number or “number unknown”, region, what else happens at that place, open tickets first, notes, history.
import { el, make } from "./view.js";

const day = (at) => new Date(at).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });

function ticketLine(ticket) {
  const line = make("p", "", { class: ticket.open ? "open" : "" });
  line.append(make("a", ticket.number, { href: `/desk/t/${ticket.number}/`, target: "_blank", rel: "noopener" }));
  line.append(make("span", ` ${ticket.open ? "未办结 · " : ""}${ticket.status} · ${ticket.title}`));
  return line;
}

function part(title, lines) {
  return lines.length ? [make("h3", title), ...lines] : [];
}

export function drawCaller({ call, caller }) {
  const box = el("caller");
  box.replaceChildren(make("p", call.number || "号码未知", { class: "number" }));
  if (caller.region || caller.place) box.append(make("p", [caller.region, caller.place].filter(Boolean).join(" · ")));
  if (caller.today) box.append(make("p", `该地点今日另有 ${caller.today} 件`, { class: "burst", role: "status" }));
  if (!caller.known) box.append(make("p", call.number ? "首次来电" : "无来电显示，请询问联系电话"));
  box.append(
    ...part("工单", caller.tickets.map(ticketLine)),
    ...part("办理记录", caller.notes.map((note) => make("p", `${day(note.at)} ${note.ticket}：${note.text}`, { class: "old" }))),
    ...part("以往来电", caller.calls.map((earlier) => make("p", `${day(earlier.at)} ${earlier.outcome} ${earlier.seconds}秒`, { class: "old" }))),
  );
}
