// Charts of the figures' pages: drawn from the JSON beside them, each with its table in the page.
import { draw } from "../figures/draw.js";

const holder = document.getElementById("chart-data");
const data = holder ? JSON.parse(holder.textContent) : {};

for (const box of document.querySelectorAll("[data-chart]")) {
  const content = data[box.dataset.chart];
  if (content) draw(box, content);
}
// A chart is as wide as the screen was: on paper it is scaled to the page instead of being cut off.
window.addEventListener("beforeprint", () => {
  for (const svg of document.querySelectorAll(".chart svg")) {
    svg.setAttribute("viewBox", `0 0 ${svg.width.baseVal.value} ${svg.height.baseVal.value}`);
  }
});
window.addEventListener("afterprint", () => {
  for (const svg of document.querySelectorAll(".chart svg")) svg.removeAttribute("viewBox");
});
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}
