"""Whether words in a text mean that a thing is happening: negation, past, settled, only feared, only talked about."""

from __future__ import annotations

import re

_LETTER = 220
_LEAD = 80
_ENDS = "。！？!?；;\n"

_NEGATED_BEFORE = re.compile(
    r"(?:没有?(?!人|谁|及时|想到|办法|关|管|完|一个|通知|任何通知|提前)|并未|未(?!经|来|成年|关|及时|处理|修|解决|按)|并无|无(?!人|法|证|故|缘|意|助|力|数|良)|不是|不存在|不会|不曾|从不|从未|绝不|并不(?!是)|不可能|排除了?|谈不上|不至于|不想|不敢|别|不要|不准|禁止|严禁|请勿|切勿)"
    r"[^，,。！？!?；;]{0,5}$|没(?:有)?(?:任何)?人(?:会|要|再|被|在|因此|真的|因为)?$"
)
_NEGATED_AFTER = re.compile(
    r"^[^，,。！？!?；;]{0,6}(?:是假的|是误报|是误会|没有发生|并未发生|不属实|是谣言|的谣言|谣言|虚惊|不成立|被排除|未发现|的可能性(?:很小|不大))"
)
_PRESENT = re.compile(
    r"现在|目前|正在|又|再次|再度|到现在|仍|还在|一直|今天|今早|今晚|刚刚|刚才|这会儿|此刻|马上|眼下|当前|持续|不停|快要|快救|救命|赶紧来|立刻"
)
_PRESENT_AFTER = re.compile(r"(?<!到)现在|目前|正在|仍|还在|持续|不停|一直|快救|救命|赶紧来")
_LONG_PAST = re.compile(
    r"去年|前年|大前年|上个?月|上半年|以前|曾经?(?!祖|孙)|当年|那年|(?:几|多|[一二两三四五六七八九十\d]+)(?:个?年|个?月)(?:多)?(?:之)?前|20[01]\d年|过去(?!看|了|救)|早年|小时候|前几年|前段时间|历史上|往年|老早|从前|上次|之前(?!通知)"
)
_RECENT_PAST = re.compile(r"昨[天晚夜日]|前天|前几天|前些天|上周|上个?星期|那天|当天|当时|当晚|\d+天前|[一二两三四五六七八九十]+天前")
_EXPERIENCED = re.compile(r"过(?!来|去|河|腰|膝|胸|堤|坝|顶|脖|桥|警|一|二|两|三|半|车|窗|门|我|他|她|人行|不|敏|大|多|高|期|量|度|于|程|路|马|江|桥|往|失|激|道|滤|年|节|境|户|世)")
_SETTLED = re.compile(
    r"(?<![没未不])(?:已经?|都|也|全部|全都|后来|现在|目前|终于|随后|及时|成功|幸好|好在|幸亏|当场)[^，,。！？!?；;没未不]{0,8}"
    r"(?:修好|修复|救上|救下|救起|送医|送到医院|送往医院|处理完|处理好|处理了|解决|扑灭|灭了|熄灭|救出|脱险|脱困|恢复|抢修|排除|关闭|更换|堵漏|堵好|抓住|抓获|控制住|被控制|出院|康复|获救|找到|找回|得救|平息|散去|散了|没事|正常|清除|拆除|被抓|判刑|落网|劝下来|制止|来电|来水|供水|供气|供暖|送电)"
    r"|(?:已经?|现在|如今)(?:好|通|醒|没事)了|(?:修好|扑灭|救出来|修复|处理好|解决|找到|找回来|恢复|抓到|抓获|劝下来|排除|控制住|更换|摘掉|摘除|清走|移走|拆掉|处理掉|接通|送电|来水|来电)了(?!吗|没|么)|没事了|虚惊一场|有惊无险|(?:老人|孩子|人)(?:已经?|都)?(?:平安)?(?:回家了|回来了)|危险解除|警报解除"
)
_CLEARED = re.compile(r"(?:查|检查|检测|看|测)(?:过|了|完|后)?[^。！？!?；;]{0,8}(?:没有|并没有|没|未)(?:发现)?(?:泄漏|漏|问题|异常|危险)")
_UNSETTLED = re.compile(r"(?:没|未|不|没有|还没|尚未|仍未)[^，,。！？!?；;]{0,6}(?:修好|修复|处理|解决|扑灭|救出|恢复|抢修|排除|找到|控制|更换|抓)")
_FEARED = re.compile(
    r"如果|假如|假设|要是|万一|一旦|倘若|若是|担心|担忧|(?<![可恐])怕(?!死人)|害怕|恐怕|可能|容易|会不会|是否会|是不是会|防止|避免|以免|免得|预防|以防|隐患|谨防|严防|提防|早晚|迟早|总有一天|将来|以后|存在.{0,6}(?:风险|危险)|差点|险些|几乎|恨不得|随时(?:可能|会|都)|会(?:出现|发生|造成|导致|引起|引发)|试想|势必|就像|好比|仿佛|到时|一不小心|像要|好像要|比如|例如|好像要|有人说会|像.{0,4}一样|似的"
)
_TALK = re.compile(
    r"流程|培训(?!机构|班|学校|中心|老师)|演练|演习|宣传|讲座|知识|保险|理赔|报销|标准|规定|预案|课程|电影|小说|电视剧|新闻|游戏|(?:安装|买|购买|补贴|免费|配|装).{0,6}报警器|报警器.{0,6}(?:补贴|安装|免费|多少)|证书|资格证|考试|招聘|价格|多少钱|验收|应急灯|灭火器|消防栓|消火栓|消防通道|消防车道|安全教育|纪念|展览|科普|条例|办法(?!了|呀|啊)|政策|名称|改名|小区名|黄手环|防走失|急救(?=培训|知识|课|技能)|预防|项目(?!部|经理|工地|上)|规划|方案|公示|主题|专题|表彰|感谢信|锦旗|见义勇为|险种|津贴|抚恤|认定|鉴定结论|档案|统计|数据"
)

_FEARED_AFTER = re.compile(r"^(?:等)?(?:重大|严重|巨大|安全)*(?:隐患|风险|危险(?!了)|的可能|可能性)")
_ASKED = re.compile(r"怕|担心|像要|会不会|是否会|可能会?|万一|如果")

GUARDS = frozenset({"negated", "past", "recent", "settled", "feared", "talk", "letter"})


def holds(text: str, start: int, end: int, guards: frozenset[str], unless: re.Pattern[str] | None) -> bool:
    """Whether `text[start:end]` speaks of a thing that is so now, by the `guards` that the rule wants."""
    first, last = _sentence(text, start, end)
    before, after = text[first:start], text[end:last]
    sentence = text[first:last]
    if unless and unless.search(sentence):
        return False
    if "negated" in guards and (_NEGATED_BEFORE.search(before) or _NEGATED_AFTER.search(after)):
        return False
    if "letter" in guards and len(text) > _LETTER and first > _LEAD and not _PRESENT.search(sentence):
        return False
    if "talk" in guards and _TALK.search(_clause(before, text[start:end], after)):
        return False
    if "feared" in guards and (_FEARED.search(_clause_before(before)) or _ASKED.search(text[start:end])):
        return False
    if "settled" in guards and _settled(text, end, last):
        return False
    if "feared" in guards and _FEARED_AFTER.search(after):
        return False
    return not _is_past(text, start, end, before, after, guards)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    first = max((text.rfind(mark, 0, start) for mark in _ENDS), default=-1) + 1
    stops = [at for at in (text.find(mark, end) for mark in _ENDS) if at >= 0]
    return first, min(stops, default=len(text))


def _clause(before: str, matched: str, after: str) -> str:
    return "".join(re.split(r"[，,：:]", before)[-2:]) + matched + re.split(r"[，,：:]", after)[0]


def _clause_before(before: str) -> str:
    """What stands before in the same clause and the one before it: fear reaches over one comma."""
    parts = re.split(r"[，,、：:]", before)
    return parts[-1] if len(parts) == 1 or _PRESENT.search(parts[-1]) else parts[-2][-12:] + parts[-1]


def _settled(text: str, end: int, last: int) -> bool:
    """Whether the rest of the sentence or the next sentence says that it is over."""
    rest = text[end : last + 30]
    if _CLEARED.search(rest):
        return True
    found = _SETTLED.search(rest)
    return bool(found) and not _UNSETTLED.search(rest)


def _is_past(text: str, start: int, end: int, before: str, after: str, guards: frozenset[str]) -> bool:
    """Whether it happened long ago, or lately and is over. A word such as 正在 or 又 between says that it goes on."""
    clause_after = re.split(r"[，,、：:]", after)[0]
    long_past = [found.end() for found in _LONG_PAST.finditer(before)]
    since = before[long_past[-1] :] if long_past else re.split(r"[，,、：:]", before)[-1]
    if "past" in guards and _EXPERIENCED.search(text, start, min(end + 2, len(text))):
        return not _PRESENT.search(since)
    if _PRESENT.search(since) or _PRESENT_AFTER.search(clause_after):
        return False
    if "past" in guards and long_past:
        return True
    return "recent" in guards and bool(_RECENT_PAST.search(before))
