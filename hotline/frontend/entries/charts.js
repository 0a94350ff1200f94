// Charts of the figures' pages: drawn from the JSON beside them, each with its table in the page.
import { draw } from "../figures/draw.js";

const holder = document.getElementById("chart-data");
const data = holder ? JSON.parse(holder.textContent) : {};

for (const box of document.querySelectorAll("[data-chart]")) {
  const content = data[box.dataset.chart];
  if (content) draw(box, content);
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}
