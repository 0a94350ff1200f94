"""The city's words, keywords and urgency rules: shown with who changed what; kept by supervisors and administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from directory.models import Category
from nlp.urgency.rulebook import rulebook
from ticketing.desk.access import actor_of, for_roles, staff_id_of
from ticketing.desk.forms.wording import RuleForm
from ticketing.desk.roles import MODEL_KEEPERS, WORDING_READERS
from ticketing.errors import BadInput, TicketError
from ticketing.models import DictionaryWord, OwnRule, WordingChange
from ticketing.models.wording import WordSort
from ticketing.terms import Urgency
from ticketing.wording import dictionary, following, keywords, look, rules

#: rows shown at once; more are found by searching
SHOWN = 200
_SOON = "各处约 3 秒内生效，不需重启。"


def may_keep(request: HttpRequest) -> bool:
    standing = actor_of(request).standing
    return standing is not None and standing.has(*MODEL_KEEPERS)


def _keeper(request: HttpRequest) -> int:
    """The id of the person who changes something; for who may only read, the page to change it does not exist."""
    if not may_keep(request):
        raise Http404
    return staff_id_of(actor_of(request))


@for_roles(*MODEL_KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest) -> HttpResponse:
    """A sentence and all that is read in it. Sent by POST: it may hold personal data, which no address shall."""
    text = request.POST.get("text", "").strip()
    context: dict[str, Any] = {"text": text, "most": look.LONGEST, "here": "trial"}
    if request.method == "POST" and not text:
        context["error"] = "请填写一句话。"
    elif len(text) > look.LONGEST:
        context["error"] = f"最多 {look.LONGEST} 字，现有 {len(text)} 字。"
    elif text:
        context["seen"] = look.look(text)
    return render(request, "ticketing/desk/wording/trial.html", context, status=422 if "error" in context else 200)


@for_roles(*WORDING_READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def words(request: HttpRequest) -> HttpResponse:
    """The word list; a POST adds words, or with `remove` takes one out."""
    context: dict[str, Any] = {"status": 200}
    if request.method == "POST":
        done = _change_words(request, context)
        if done:
            messages.success(request, done)
            return redirect("desk:words")
    following.refresh()
    sought = _sought(request.GET)
    rows = DictionaryWord.objects.filter(active=True).select_related("changed_by").order_by("-changed_at", "word")
    count = rows.count()
    found = rows.filter(word__contains=sought) if sought else rows
    listed = dictionary.listed()
    context |= {
        "rows": found[:SHOWN],
        "count": count,
        "q": sought,
        "shown": SHOWN,
        "names": max(len(listed.words) - count, 0),
        "sorts": WordSort.choices,
        "may_keep": may_keep(request),
        "here": "words",
    }
    return render(request, "ticketing/desk/wording/words.html", context, status=context["status"])


def _sought(sent: QueryDict) -> str:
    """What is looked for; characters that no database takes are left out."""
    return "".join(filter(str.isprintable, sent.get("q", ""))).strip()[:60]


def _change_words(request: HttpRequest, context: dict[str, Any]) -> str:
    """What was done, in words; "" when it was refused, with the reason in the context."""
    by, now = _keeper(request), timezone.now()
    removed = request.POST.get("remove", "")
    try:
        if removed:
            word = dictionary.remove(int(removed) if removed.isdecimal() else 0, by=by, at=now)
            return f"已移除“{word}”，{_SOON}"
        typed = dictionary.words_of(request.POST.get("words", ""))
        new = dictionary.add(typed, request.POST.get("sort", ""), by=by, at=now)
    except BadInput as error:
        context |= {"error": str(error), "typed": request.POST.get("words", ""), "status": error.status}
        context["sort"] = request.POST.get("sort", "")
        return ""
    known = len(typed) - len(new)
    if not new:
        return "这些词原已在词表中，没有变更。"
    return f"已添加 {len(new)} 个词" + (f"（{known} 个原已在词表中）" if known else "") + f"，{_SOON}"


@for_roles(*WORDING_READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def category_keywords(request: HttpRequest) -> HttpResponse:
    """Categories with their keywords; a POST sets those of one."""
    context: dict[str, Any] = {"status": 200}
    sought = _sought(request.POST or request.GET)
    if request.method == "POST":
        pk, text = request.POST.get("category", ""), request.POST.get("keywords", "")
        by = _keeper(request)
        try:
            changed = keywords.set_keywords(int(pk) if pk.isdecimal() else 0, text, by=by, at=timezone.now())
            context["done"] = f"“{changed.path}”的关键词已保存，{_SOON}"
            context["saved"] = changed.pk
        except BadInput as error:
            context |= {"error": str(error), "typed": text, "wrong": pk, "status": error.status}
    rows = Category.objects.filter(active=True).order_by("code")
    if sought:
        rows = rows.filter(Q(path__contains=sought) | Q(code=sought) | Q(keywords__contains=sought))
    found = list(rows[: SHOWN + 1])
    context |= {
        "rows": [(row, "；".join(keywords.keywords_of(row))) for row in found[:SHOWN]],
        "cut": len(found) > SHOWN,
        "shown": SHOWN,
        "q": sought,
        "may_keep": may_keep(request),
        "here": "keywords",
    }
    return render(request, "ticketing/desk/wording/keywords.html", context, status=context["status"])


@for_roles(*WORDING_READERS)
@require_safe
def urgency_rules(request: HttpRequest) -> HttpResponse:
    """The city's own rules and the shipped ones, each with its sentences."""
    own = OwnRule.objects.select_related("changed_by").order_by("pk")
    shipped = [(rule, Urgency(rule.level).label) for rule in rulebook()]
    context = {"own": own, "shipped": shipped, "may_keep": may_keep(request), "here": "rules"}
    return render(request, "ticketing/desk/wording/rules.html", context)


@for_roles(*MODEL_KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def urgency_rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One of the city's rules; a POST saves it, or with `switch` puts it on or off."""
    row = get_object_or_404(OwnRule.objects.select_related("changed_by"), pk=pk) if pk else None
    if request.method != "POST":
        form = RuleForm(initial=RuleForm.filled(rules.Draft.of(row), row.version) if row else None)
        return _rule_page(request, form, row)
    form, by, now = RuleForm(request.POST), staff_id_of(actor_of(request)), timezone.now()
    failing: list[str] = []
    try:
        if row and (wanted := request.POST.get("switch")) in ("on", "off"):
            version = request.POST.get("version", "")
            rules.switch(row.pk, wanted == "on", version=int(version) if version.isdecimal() else 0, by=by, at=now)
            messages.success(request, f"规则“{row.name}”已{'启用' if wanted == 'on' else '停用'}，{_SOON}")
            return redirect("desk:rules")
        if not form.is_valid():
            return _rule_page(request, form, row, status=422)
        saved = rules.save(pk, form.draft(), version=form.cleaned_data["version"] or 0, by=by, at=now)
    except rules.RuleFails as error:
        failing = form.explain(error)
        status, message = error.status, str(error)
    except BadInput as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        status, message = error.status, ""
    except TicketError as error:
        status, message = error.status, str(error)
    else:
        sentences = len(saved.positive) + len(saved.negative)
        messages.success(request, f"规则“{saved.name}”已保存，{sentences} 个句子全部符合，{_SOON}")
        return redirect("desk:rules")
    return _rule_page(request, form, row, status=status, failing=failing, message=message)


def _rule_page(
    request: HttpRequest, form: RuleForm, row: OwnRule | None, status: int = 200, **more: Any
) -> HttpResponse:
    history = (
        WordingChange.objects.filter(subject="rule", after__number=row.pk) if row else WordingChange.objects.none()
    )
    context = {"form": form, "row": row, "here": "rules", "history": history.select_related("by").order_by("-pk")[:20]}
    return render(request, "ticketing/desk/wording/rule.html", context | more, status=status)


@for_roles(*WORDING_READERS)
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Who changed what and when, the newest first; `before` is where the next page begins."""
    rows = WordingChange.objects.select_related("by").order_by("-pk")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: SHOWN // 2 + 1])
    more = len(found) > SHOWN // 2
    found = found[: SHOWN // 2]
    context = {"rows": [(row, _differences(row)) for row in found], "here": "changes"}
    return render(request, "ticketing/desk/wording/changes.html", context | {"next": found[-1].pk if more else None})


_NAMES = {field.name: str(field.verbose_name) for field in OwnRule._meta.fields} | {
    "words": "词语",
    "keywords": "关键词",
    "sort": "种类",
}


_UNSAID = frozenset({"number", "version"})


def _differences(row: WordingChange) -> list[tuple[str, str, str]]:
    """What stood there before and after, field by field; fields that stayed are left out."""
    told = [name for name in {**row.before, **row.after} if name not in _UNSAID]
    names = [name for name in told if row.before.get(name) != row.after.get(name)]
    lines = [(_NAMES.get(name, name), _said(row.before.get(name)), _said(row.after.get(name))) for name in names]
    return [(name, before, after) for name, before, after in lines if before or after]


def _said(value: object) -> str:
    if isinstance(value, list):
        return "；".join(map(str, value[:30])) + (f" 等 {len(value)} 个" if len(value) > 30 else "")
    if isinstance(value, bool):
        return "是" if value else "否"
    text = "" if value is None else str(value)
    return dict(WordSort.choices).get(text) or dict(Urgency.choices).get(text) or text
