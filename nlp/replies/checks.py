"""The single checks; each gives findings in words that tell the writer what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nlp import privacy
from nlp.replies import asked
from nlp.replies.content import Sentence, beside, breaks_off, closes, dated, names_matter
from nlp.replies.measure import Demand
from nlp.replies.model import Finding

_LEAKS = {
    "phone": "手机号码",
    "id_card": "身份证号",
    "bank_card": "银行卡号",
    "plate": "车牌号",
    "email": "电子邮箱",
    "door": "门牌号",
    "name": "姓名",
    "landline": "固定电话",
    "account": "微信、QQ 等账号",
}
_OFF_POINT = 0.3
_SOUND = 0.5
_MOSTLY = 0.5
_SEVERE = frozenset({"phone", "id_card", "bank_card"})
_MODERATE = frozenset({"plate", "door", "account"})
_NAMED_UNIT = re.compile(
    r"(?:转|交|由|向|到|请|属|咨询|致电|拨打)(?!.{0,4}(?:有关|相关|责任)).{0,4}"
    r"[\u4e00-\u9fffA-Z0-9、]{1,14}(?:局|委|办|公司|大队|支队|镇|乡|街道|窗口|中心|管理处|学校|部门|\d{7,8})"
)
#: before a name: whose name it is; after the words: the report itself given to whom it is about
_INFORMER = re.compile(
    r"(?:举报|投诉|信访|反映|来信|来电|诉求|检举)(?:人|者|群众)[^\u4e00-\u9fff]{0,3}(?:系|是|为|即|叫|名叫|姓名)?[^。；]{0,10}$"
)
_BETRAYED = re.compile(
    r"(?:举报|投诉|检举|控告)(?:信|材料|内容|电话|人|者)?[^。；]{0,14}(?:转交|转给|交给|交由|告知|告诉|透露|提供给|反馈给|通报给)"
    r"[^。；]{0,8}(?:被举报|被投诉|被反映|本人|老板|店主|经营者|(?:该|其|贵?)(?:公司|店|厂|单位|机构|负责人))"
    r"|(?:您|你|举报人|投诉人)的?(?:姓名|信息|联系方式|电话|号码|身份)[^。；]{0,8}(?:告知|提供给|转给|交给|透露|告诉)"
)
_OFFICE = re.compile(r"@[\w.-]*gov\.cn|电话|热线|科|局|办|中心")


def leaks(reply: str) -> Iterator[Finding]:
    """Personal data. An office's telephone number is only a note: it may be meant."""
    for found in privacy.find(reply):
        sentence = _around(reply, found.start, found.end)
        severity = "block" if found.kind in _SEVERE else "warn" if found.kind in _MODERATE else "note"
        if found.kind == "email" and not _OFFICE.search(found.text):
            severity = "warn"
        if found.kind == "name" and _INFORMER.search(reply[max(0, found.start - 24) : found.start]):
            severity = "block"
        yield Finding("personal_data", severity, privacy.mask(sentence), f"含{_LEAKS[found.kind]}，公开前请删除或遮盖")


def betrayals(reply: Sequence[Sentence]) -> Iterator[Finding]:
    """The report, or who made it, given to whom it is about: forbidden by 信访工作条例."""
    for sentence in reply:
        if _BETRAYED.search(sentence.text):
            hint = "写明把举报（投诉）或反映人的信息交给了被反映的一方：不得透露，请核对并删除"
            yield Finding("personal_data", "block", privacy.mask(sentence.text), hint)


def rudeness(reply: Sequence[Sentence]) -> Iterator[Finding]:
    for sentence in reply:
        if "rude" in sentence.kinds:
            yield Finding("rude", "block", sentence.text, "语气不当，请改写")


def emptiness(reply: Sequence[Sentence], substance: float) -> Iterator[Finding]:
    """Replies that only acknowledge, only hand on, or only sound."""
    if not reply:
        yield Finding("empty", "block", "", "没有答复内容")
        return
    if substance == 0:
        kinds = frozenset().union(*(sentence.kinds for sentence in reply))
        if "handed_on" in kinds:
            yield Finding(
                "only_handed_on", "block", reply[-1].text, "只说明已转办，没有办理结果；请写明查到什么、做了什么"
            )
        elif "elsewhere" in kinds:
            yield Finding(
                "sent_elsewhere", "warn", reply[-1].text, "只让群众另找部门，没有回答问题；请先答复能答复的部分"
            )
        else:
            yield Finding("empty", "block", reply[0].text, "没有实质内容；请写明事实、依据和处理结果")
        return
    for sentence in reply:
        if "empty" in sentence.kinds and not sentence.says_something and len(sentence.text) >= 12:
            yield Finding("phrases", "note", sentence.text, "空话套话，请写明具体做法")


def unfinished(reply: str, said: Sequence[Sentence]) -> Iterator[Finding]:
    """An answer that stops in the middle of a sentence, or without an ending: its second half may be missing."""
    if not said:
        return
    if breaks_off(reply):
        yield Finding("broken_off", "warn", said[-1].text, "答复在句子中间中断，请补全")
    elif not closes(reply):
        yield Finding("no_ending", "note", said[-1].text, "没有结束语、落款或日期，请核对是否完整")
    elif not dated(reply):
        yield Finding("no_date", "note", said[-1].text, "没有落款日期，请补上")
    if not names_matter(reply):
        yield Finding("matter_not_named", "note", said[0].text, "开头没有写明答复的是哪件事")


def form(reply: str) -> float:
    """Whether it looks like a finished official answer, 0 to 1: dated, with an ending, its matter named."""
    return 0.6 * dated(reply) + 0.25 * closes(reply) + 0.15 * names_matter(reply)


def pointer(reply: Sequence[Sentence]) -> float:
    """What a reply is worth that says no more than which unit has the matter, or where to turn."""
    return 0.24 if any(_NAMED_UNIT.search(sentence.text) for sentence in reply) else 0.0


def off_point(relevance: float, explainability: float, reply: Sequence[Sentence]) -> Iterator[Finding]:
    """Next to nothing in common with the question; only a warning when the reply is sound otherwise."""
    telling = [sentence.text for sentence in reply if sentence.says_something]
    if relevance < _OFF_POINT and telling:
        if explainability >= _SOUND:
            yield Finding("off_topic", "warn", telling[0], "可能答非所问：答复与诉求用词几乎没有重合，请核对")
        else:
            yield Finding("off_topic", "block", telling[0], "答非所问：答复与诉求几乎没有相同的内容")


def beside_the_matter(reply: Sequence[Sentence]) -> Iterator[Finding]:
    """Praise of the unit or lectures make up half or more of what is said."""
    idle = beside(reply)
    told = sum(len(sentence.text) for sentence in reply if sentence.says_something or sentence in idle)
    if idle and sum(len(sentence.text) for sentence in idle) >= _MOSTLY * told:
        yield Finding(
            "beside_the_matter", "warn", idle[0].text, "多为成绩、道理或劝导，没有答复所问的事；请写明结果、依据或打算"
        )


def unanswered(demands: Sequence[Demand]) -> Iterator[Finding]:
    """Demands that the reply passes over. One alone may be answered in other words, of several each has its own."""
    for demand in demands:
        if demand.answered < 0.3 or (len(demands) > 1 and demand.taken_up < 0.12):
            yield Finding("demand_unanswered", "warn", demand.text, "这项诉求没有回应：请答复，或说明不能办理的理由")


def evaded(question: str, reply: str) -> Iterator[Finding]:
    """Sorts of answer that were asked for (a time, a yes or no, a reason …) and are not there."""
    if reply:
        for sort in asked.missing(question, reply):
            yield Finding("evaded", "note", "", sort.hint)


def grounds(reply: Sequence[Sentence]) -> Iterator[Finding]:
    """A refusal needs a ground or a cause; a promise needs a date."""
    kinds = frozenset().union(*(sentence.kinds for sentence in reply)) if reply else frozenset()
    for sentence in reply:
        if "refusal" in sentence.kinds and not kinds & {"ground", "cause"}:
            yield Finding("refusal_without_ground", "warn", sentence.text, "不能办理须写明政策法规依据或原因")
            break
    promises = [sentence for sentence in reply if "plan" in sentence.kinds]
    if promises and "deadline" not in kinds:
        yield Finding("no_deadline", "warn", promises[0].text, "有承诺但没有时限，请写明何时完成或下一步时间")
    if any(sentence.says_something for sentence in reply) and "ground" not in kinds:
        yield Finding("no_ground", "note", "", "没有引用政策法规依据")


def _around(text: str, start: int, end: int) -> str:
    """The sentence that holds text[start:end]."""
    first = max((text.rfind(mark, 0, start) for mark in "。！？!?；;\n"), default=-1) + 1
    stops = [at for at in (text.find(mark, end) for mark in "。！？!?；;\n") if at >= 0]
    return text[first : min(stops) + 1 if stops else len(text)].strip()
