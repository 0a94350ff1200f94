// One way of drawing: lines differ by dash and symbol as well as by colour, bars carry their numbers.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([AriaComponent, BarChart, GridComponent, LegendComponent, LineChart, SVGRenderer, TooltipComponent]);

const COLOURS = ["#0b4a8f", "#b25e00", "#5a6b7b"];
const DASHES = ["solid", "dashed", "dotted"];
const SYMBOLS = ["circle", "rect", "triangle"];

function series(content, index, ink) {
  const item = content.series[index];
  if (content.kind === "bar") {
    return {
      type: "bar", name: item.name, data: item.data, barMaxWidth: 26, itemStyle: { color: content.colours?.[index] ?? COLOURS[index] },
      label: { show: content.series.length === 1, position: content.upright ? "top" : "right", color: ink, fontSize: content.size },
    };
  }
  return {
    type: "line", name: item.name, data: item.data, connectNulls: false, symbol: SYMBOLS[index], symbolSize: 6,
    lineStyle: { type: DASHES[index], width: index === 0 ? 3 : 2 }, itemStyle: { color: COLOURS[index] },
  };
}

function option(content, ink) {
  const sideways = content.kind === "bar" && !content.upright;
  const labels = { type: "category", data: content.labels, inverse: sideways, axisLabel: { color: ink, fontSize: content.size, interval: sideways ? 0 : "auto" } };
  const values = { type: "value", axisLabel: { color: ink, fontSize: content.size }, splitLine: { lineStyle: { opacity: 0.25 } }, name: content.unit, nameTextStyle: { color: ink, fontSize: content.size } };
  return {
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    aria: { enabled: true },
    grid: { left: 8, right: 44, top: content.series.length > 1 ? 40 : 28, bottom: 8, containLabel: true },
    legend: content.series.length > 1 ? { top: 0, textStyle: { color: ink, fontSize: content.size } } : undefined,
    tooltip: { trigger: "axis", confine: true, valueFormatter: (value) => (value === null || value === undefined ? "—" : `${value}${content.unit}`) },
    xAxis: sideways ? values : labels,
    yAxis: sideways ? labels : values,
    series: content.series.map((_, index) => series(content, index, ink)),
  };
}

export function draw(box, content) {
  if (!content.labels.length) {
    box.textContent = "本期没有数据";
    return null;
  }
  const ink = getComputedStyle(box).color;
  const chart = echarts.getInstanceByDom(box) ?? echarts.init(box, null, { renderer: "svg" });
  chart.setOption(option(content, ink), true);
  if (!box.dataset.watched) {
    box.dataset.watched = "1";
    new ResizeObserver(() => chart.resize()).observe(box);
  }
  return chart;
}
