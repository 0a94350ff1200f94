"""The cross-validation of a model as a page that a person can read (Markdown, in Chinese)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def page(report: dict[str, Any]) -> str:
    """The whole report: headline, classes, confusion, calibration."""
    parts = (_headline(report), _classes(report), _confusion(report), _calibration(report))
    return "\n\n".join(parts) + "\n"


def _percent(value: float) -> str:
    return f"{value * 100:.1f} %"


def _table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = [_cell(name) for name in headings]
    lines = [names, ["---"] * len(names), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _headline(report: dict[str, Any]) -> str:
    decided = report["coverage_at_precision"]
    rows = [
        ("文本数", report["texts"]),
        ("折数(近似重复文本同折)", report["folds"]),
        ("宏平均 F1", f"{report['macro_f1']:.4f}"),
        ("准确率", _percent(report["accuracy"])),
        ("前两名命中率", _percent(report["top2_accuracy"])),
        ("期望校准误差 ECE", f"{report['ece']:.4f}"),
        ("自动判定阈值", _threshold(report["threshold"])),
        ("自动判定覆盖率(阈值由其他折选定)", _percent(report["coverage"])),
        ("自动判定准确率(阈值由其他折选定)", _percent(report["precision_at_coverage"])),
        *((f"准确率 {_percent(float(key))} 时的覆盖率", _percent(value)) for key, value in decided.items()),
    ]
    return "# 分类模型交叉验证报告\n\n" + _table(("指标", "数值"), rows)


def _threshold(value: float) -> str:
    return f"{value:.3f}" if value <= 1 else "不自动判定"


def _classes(report: dict[str, Any]) -> str:
    rows = [
        (label, one["texts"], _percent(one["precision"]), _percent(one["recall"]), f"{one['f1']:.4f}")
        for label, one in report["per_class"].items()
    ]
    return "## 各类别\n\n" + _table(("类别", "文本数", "精确率", "召回率", "F1"), rows)


def _confusion(report: dict[str, Any]) -> str:
    labels, table = report["labels"], report["confusion"]
    mixed = [
        (count, labels[true], labels[told])
        for true, row in enumerate(table)
        for told, count in enumerate(row)
        if true != told and count
    ]
    mixed.sort(key=lambda one: -one[0])
    text = "## 混淆\n\n最常混淆的类别:\n\n" + _table(
        ("实际", "判为", "次数"), [(true, told, count) for count, true, told in mixed[:15]]
    )
    if len(labels) > 20:
        return text
    rows = [(label, *counts) for label, counts in zip(labels, table, strict=True)]
    return text + "\n\n" + _table(("实际 \\ 判为", *labels), rows)


def _calibration(report: dict[str, Any]) -> str:
    rows = [(_percent(one["claimed"]), _percent(one["right"]), one["texts"]) for one in report["reliability"]]
    return "## 校准\n\n" + _table(("平均给出的概率", "实际正确率", "文本数"), rows)
