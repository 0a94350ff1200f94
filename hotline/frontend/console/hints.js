// The live reading of the text: what it is, how urgent, where, and which tickets are alike. The agent decides.
import { el, list, make } from "./view.js";

const SHOWN = 3; // the form below must stay in sight

export function drawHints(hint, adopt) {
  if (!hint || !hint.ready) return;
  say("danger", danger(hint));
  const facts = [];
  if (hint.kind_label) facts.push(`类型 ${hint.kind_label}`);
  if (hint.urgency !== "normal") facts.push(hint.urgency_label);
  if (hint.region_label) facts.push(`区划 ${hint.region_label}`);
  if (hint.here) facts.push(`该地点今日另有 ${hint.here} 件`);
  if (hint.today > 1) facts.push(`本区同类今日 ${hint.today} 件`);
  const parts = [];
  if (hint.burst) parts.push(make("p", `今天另有 ${hint.burst} 人反映同一问题`, { class: "burst" }));
  if (hint.mood) parts.push(make("p", `诉求人${hint.mood}`, { class: "mood" }));
  if (facts.length) parts.push(make("p", facts.join("　")));
  if (hint.demands.length) parts.push(demands(hint.demands));
  el("hints").replaceChildren(...parts);
  el("grounds").hidden = !hint.reasons.length;
  el("grounds").querySelector("ul").replaceChildren(...hint.reasons.map((reason) => make("li", reason)));
  drawCategory(hint, adopt);
  list("alike", hint.alike.slice(0, SHOWN), (one) => {
    const item = make("li", "", { "data-same": one.same ? "1" : "" });
    item.append(make("a", one.number, { href: `/desk/t/${one.number}/`, target: "_blank", rel: "noopener" }));
    const near = one.same ? "很可能相同" : "相近";
    item.append(make("span", ` ${near} ${one.percent}% ${one.status} ${one.title}（${one.why.join("、")}）`));
    return item;
  });
  const more = hint.alike.length - SHOWN;
  if (more > 0) el("alike").append(make("li", `另有 ${more} 件相近，保存后在工单页查看和并单`));
}

function danger(hint) {
  if (!hint.suspected_110) return "";
  return hint.handover ? `疑似险情：请立即转 ${hint.handover}（F9 转接）` : "疑似 110 事项（F9 转接）";
}

// an alert is read aloud whenever its text is set: only what is new is set
function say(id, text) {
  if (el(id).textContent !== text) el(id).textContent = text;
}

function demands(found) {
  const box = make("div", `诉求 ${found.length} 项：`);
  const items = make("ol");
  items.append(...found.map((one) => make("li", one)));
  box.append(items);
  return box;
}

function drawCategory(hint, adopt) {
  const box = el("category");
  box.replaceChildren();
  if (!hint.category) return;
  const chosen = el("ticket").elements.category.value === String(hint.category);
  box.append(make("span", `分类 ${hint.category_label}（${Math.round(hint.confidence * 100)}%）`));
  const button = make("button", chosen ? "已采用" : "采用", { type: "button" });
  button.disabled = chosen;
  button.addEventListener("click", () => adopt(hint));
  box.append(button);
}
