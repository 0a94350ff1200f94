"""The structured part of guides and policies: which fields they have, and checks of what was filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: 办事指南: field → label, in the order shown
GUIDE_FIELDS = {
    "item": "事项名称",
    "who": "办理对象",
    "conditions": "办理条件",
    "materials": "申请材料",
    "steps": "办理流程",
    "limit": "办理时限",
    "fee": "收费",
    "window": "办理窗口",
    "online": "网上办理",
    "legal_basis": "法律依据",
}
GUIDE_LISTS = frozenset({"materials", "steps"})
GUIDE_NEEDED = ("item", "who", "materials", "steps", "limit", "fee", "window")


@dataclass(frozen=True)
class Fact:
    """What a firm is asked. `unit` for numbers; `choices` for one-of questions."""

    label: str
    kind: str  # number, choice, yes_no
    unit: str = ""
    choices: tuple[str, ...] = ()


#: what policies can depend on; the calculator's form is made of these
FACTS = {
    "industry": Fact(
        "所属行业",
        "choice",
        choices=(
            "制造业",
            "软件和信息技术服务业",
            "批发零售业",
            "住宿餐饮业",
            "交通运输仓储业",
            "建筑业",
            "农林牧渔业",
            "科学研究和技术服务业",
            "居民服务业",
            "文化旅游业",
            "其他",
        ),
    ),
    "size": Fact("企业规模", "choice", choices=("大型", "中型", "小型", "微型", "个体工商户")),
    "region": Fact("所在区县（市）", "choice"),  # the choices are the city's districts, see `filling.places`
    "tax_rating": Fact("纳税信用等级", "choice", choices=("A", "B", "M", "C", "D")),
    "employees": Fact("从业人数", "number", "人"),
    "revenue": Fact("上年营业收入", "number", "万元"),
    "age_years": Fact("成立年限", "number", "年"),
    "rd_share": Fact("研发费用占营业收入比例", "number", "%"),
    "new_jobs": Fact("当年新招用人数", "number", "人"),
    "graduates": Fact("当年招用高校毕业生", "number", "人"),
    "high_tech": Fact("高新技术企业", "yes_no"),
    "specialised": Fact("专精特新企业", "yes_no"),
    "first_registered": Fact("首次创办", "yes_no"),
    "insured": Fact("按时缴纳社会保险", "yes_no"),
    "no_layoffs": Fact("未裁员或裁员率不高于规定", "yes_no"),
    "clean_record": Fact("未列入严重失信名单", "yes_no"),
    "exports": Fact("有出口业务", "yes_no"),
}
NUMBER_MOST = 1e9
OPERATORS = {"is": "为", "in": "属于", "at_least": "不少于", "at_most": "不超过"}


@dataclass(frozen=True)
class Condition:
    """`fact` `operator` `value`, e.g. employees at_most 300. `text` is the policy's own sentence for it."""

    fact: str
    operator: str
    value: object
    text: str

    def holds(self, given: Mapping[str, object]) -> bool | None:
        """True or False; None when the firm did not say."""
        known = given.get(self.fact)
        if known is None or known == "":
            return None
        if self.operator == "is":
            return known == self.value
        if self.operator == "in":
            return isinstance(self.value, list) and known in self.value
        low = self.operator == "at_least"
        number, bound = _number(known), _number(self.value)
        return number >= bound if low else number <= bound


def _number(value: object) -> float:
    return float(str(value))


def conditions(details: Mapping[str, object]) -> tuple[Condition, ...]:
    """The conditions of a policy that was checked with `problems`."""
    raw = details.get("conditions")
    rows = raw if isinstance(raw, list) else []
    return tuple(Condition(row["fact"], row["operator"], row["value"], row.get("text") or written(row)) for row in rows)


def written(row: Mapping[str, Any]) -> str:
    """A condition in words, for one that has no sentence of its own."""
    fact, value = FACTS[row["fact"]], row["value"]
    if isinstance(value, bool):
        shown = "是" if value else "否"
    elif isinstance(value, list):
        shown = "、".join(str(part) for part in value)
    else:
        shown = f"{value}{fact.unit}"
    return f"{fact.label}{OPERATORS[row['operator']]}{shown}"


def problems(material: str, details: object) -> list[str]:
    """What is wrong with the structured part of an entry; [] when nothing is. A guide may also be plain text."""
    if not isinstance(details, dict):
        return ["结构化内容应为一个对象"]
    if material == "guide":
        return _guide_problems(details) if details else []
    if material == "policy":
        return _policy_problems(details)
    return [] if not details else ["只有办事指南和惠企政策有结构化内容"]


def _guide_problems(details: Mapping[str, object]) -> list[str]:
    found = [f"办事指南缺少“{GUIDE_FIELDS[name]}”" for name in GUIDE_NEEDED if not details.get(name)]
    found += [f"办事指南没有“{name}”这一项" for name in details if name not in GUIDE_FIELDS]
    for name in GUIDE_LISTS & set(details):
        value = details[name]
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            found.append(f"“{GUIDE_FIELDS[name]}”应为文字列表")
    for name in set(details) - GUIDE_LISTS & set(GUIDE_FIELDS):
        if not isinstance(details[name], str):
            found.append(f"“{GUIDE_FIELDS.get(name, name)}”应为文字")
    return found


def _policy_problems(details: Mapping[str, object]) -> list[str]:
    found = [f"惠企政策没有“{name}”这一项" for name in details if name not in POLICY_FIELDS]
    found += [
        f"“{label}”应为文字"
        for name, label in POLICY_FIELDS.items()
        if name != "conditions" and not isinstance(details.get(name, ""), str)
    ]
    if not details.get("benefit"):
        found.append("惠企政策缺少“支持内容”")
    rows = details.get("conditions")
    if not isinstance(rows, list) or not rows:
        return [*found, "惠企政策缺少“适用条件”"]
    for at, row in enumerate(rows, 1):
        found += [f"第 {at} 个条件：{text}" for text in _condition_problems(row)]
    return found


POLICY_FIELDS = {
    "benefit": "支持内容",
    "conditions": "适用条件",
    "how": "申报方式",
    "window": "受理单位",
    "deadline": "申报期限",
    "document": "政策文件",
    "link": "申报网址",
}


def _condition_problems(row: object) -> list[str]:
    if not isinstance(row, dict) or set(row) - {"text"} != {"fact", "operator", "value"}:
        return ["应有 fact、operator、value 三项，可有 text"]
    if not isinstance(row.get("text", ""), str):
        return ["text 应为文字"]
    fact = FACTS.get(str(row["fact"]))
    if fact is None:
        return [f"fact 只接受：{'、'.join(FACTS)}"]
    if row["operator"] not in OPERATORS:
        return [f"operator 只接受：{'、'.join(OPERATORS)}"]
    return _value_problems(fact, str(row["operator"]), row["value"])


def _value_problems(fact: Fact, operator: str, value: object) -> list[str]:
    if fact.kind == "number":
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
        right = number is not None and 0 <= number <= NUMBER_MOST and operator in ("at_least", "at_most")
        return [] if right else ["数值条件应用 at_least 或 at_most 和一个 0 至 1000000000 的数"]
    if fact.kind == "yes_no":
        return [] if isinstance(value, bool) and operator == "is" else ["是否类条件应用 is 和 true 或 false"]
    wanted: list[Any] = value if isinstance(value, list) else [value]
    right = operator == ("in" if isinstance(value, list) else "is")
    if not right or not wanted or not all(isinstance(part, str) and part for part in wanted):
        return ["选择类条件应用 is 和一个值，或 in 和一组值"]
    unknown = [part for part in wanted if fact.choices and part not in fact.choices]
    return [f"没有这个选项：{'、'.join(unknown)}；可用：{'、'.join(fact.choices)}"] if unknown else []
