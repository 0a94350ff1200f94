// The live reading of the text: what it is, how urgent, where, and which tickets are alike. The agent decides.
import { el, list, make } from "./view.js";

export function drawHints(hint, adopt) {
  if (!hint || !hint.ready) return;
  const parts = [];
  if (hint.suspected_110) parts.push("疑似110事项，按F9转接");
  if (hint.urgency !== "normal") parts.push(hint.urgency_label);
  if (hint.burst) parts.push(`同一地点或同一事项今日另有${hint.burst}件`);
  if (hint.today > 1) parts.push(`本区同类今日${hint.today}件`);
  if (hint.region_label) parts.push(`区划 ${hint.region_label}`);
  el("hints").textContent = [...parts, ...hint.reasons].join("；");
  el("hints").dataset.urgent = hint.suspected_110 || hint.urgency !== "normal" ? "1" : "";
  drawCategory(hint, adopt);
  list("alike", hint.alike, (one) => {
    const item = make("li", "", { "data-same": one.same ? "1" : "" });
    item.append(make("a", one.number, { href: `/desk/t/${one.number}/`, target: "_blank", rel: "noopener" }));
    item.append(make("span", ` ${one.percent}% ${one.status} ${one.title}（${one.why.join("、")}）`));
    return item;
  });
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
