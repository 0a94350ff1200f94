"""Pages for those who look after the knowledge base."""

from __future__ import annotations

from datetime import date
from io import BytesIO, StringIO
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from directory.models import Category, Department
from ticketing.errors import BadInput, NotYours
from ticketing.knowledge import care, comparing, editing, exchange, feedback, files, filling
from ticketing.knowledge.doors import needed, staff_page
from ticketing.knowledge.forms import EntryForm, ImportForm
from ticketing.knowledge.models import (
    EntryState,
    FileState,
    KnowledgeEntry,
    KnowledgeError,
    KnowledgeFile,
    KnowledgeGap,
    KnowledgeVersion,
    VersionState,
)
from ticketing.knowledge.rules import Checker, Content, Refused, stored
from ticketing.knowledge.structure import FACTS, OPERATORS
from ticketing.lifecycle.actors import Actor

#: units and categories that the inputs suggest
SUGGESTED = 1500
#: entries of each list of uses
COUNTED = 10


def _entries(actor: Actor) -> QuerySet[KnowledgeEntry]:
    """What the actor may edit."""
    rows = KnowledgeEntry.objects.select_related("owner", "category")
    if editing.may_edit(actor):
        return rows
    assert actor.standing is not None
    return rows.filter(owner_id__in=actor.standing.departments)


def _entry(actor: Actor, code: str) -> KnowledgeEntry:
    found = _entries(actor).filter(code=code).first()
    if found is None:
        raise Http404
    return found


@staff_page
@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """What waits: versions to approve, reported errors, overdue reviews, questions without an answer."""
    actor = needed(request)
    mine = _entries(actor)
    if not editing.may_edit(actor) and not mine.exists() and not (actor.standing and actor.standing.departments):
        raise NotYours("没有维护知识库的权限")
    versions = KnowledgeVersion.objects.filter(entry__in=mine, state=VersionState.SUBMITTED)
    errors = KnowledgeError.objects.filter(entry__in=mine, state=KnowledgeError.OPEN)
    today = timezone.localdate()
    overdue = mine.filter(state=EntryState.PUBLISHED, review_on__lt=today).exclude(care.expired(today))
    waiting = KnowledgeFile.objects.filter(entry__in=mine, state=FileState.WAITING)
    context = {
        "versions": versions.select_related("entry", "author").order_by("created_at")[:100],
        "returned": _returned(actor).select_related("entry", "decided_by")[:30],
        "errors": errors.select_related("entry", "by").order_by("due_at")[:100],
        "overdue": overdue.order_by("review_on")[:100],
        "ending": mine.filter(care.ending(today)).order_by("valid_to", "code")[:100],
        "today": today,
        "files": waiting.select_related("entry", "by").order_by("pk")[:100],
        "counted": _counted(mine),
        "gaps": KnowledgeGap.objects.order_by("-count", "-last_at")[:30] if editing.may_edit(actor) else [],
        "import_form": ImportForm() if editing.may_edit(actor) else None,
    }
    return render(request, "ticketing/knowledge/work.html", context)


def _counted(mine: QuerySet[KnowledgeEntry]) -> list[tuple[str, list[KnowledgeEntry]]]:
    """What is used most, what helps least, and what nobody ever used."""
    rows = mine.filter(state=EntryState.PUBLISHED)
    return [
        ("使用最多", list(rows.filter(uses__gt=0).order_by("-uses", "code")[:COUNTED])),
        ("反映没有帮助最多", list(rows.filter(not_helped__gt=0).order_by("-not_helped", "code")[:COUNTED])),
        ("发布后从未使用", list(rows.filter(uses=0).order_by("published_at", "code")[:COUNTED])),
    ]


def _returned(actor: Actor) -> QuerySet[KnowledgeVersion]:
    """The actor's own versions that were sent back and have no newer one."""
    newest = KnowledgeVersion.objects.filter(entry=OuterRef("entry")).order_by("-number").values("number")[:1]
    mine = KnowledgeVersion.objects.filter(author_id=actor.staff_id, state=VersionState.REJECTED)
    return mine.filter(number=Subquery(newest)).order_by("-decided_at")


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """Proposes a new entry or a new version of one; it goes to a second person for approval."""
    actor = needed(request)
    entry = _entry(actor, code) if code else None
    last = entry.versions.order_by("-number").first() if entry else None
    posted = request.method == "POST"
    text = _text(entry, last)
    form = EntryForm(request.POST if posted else None, initial=_initial(text))
    filled = filling.sent(request.POST) if posted else _filled(text)
    status = 200
    if posted and "more" not in request.POST:
        content = _checked(form, filled, entry)
        if content is not None:
            version = editing.propose(content, actor=actor, entry=entry)
            messages.success(request, f"已提交审核：{version.entry.code} 第 {version.number} 版")
            return redirect("knowledge:work")
        status = 422
    elif posted:
        form.errors.clear()  # only more rows were asked for
    context: dict[str, object] = {"form": form, "entry": entry, "filled": filled.spare(), "last": last}
    context["files"] = entry.files.exclude(state=FileState.GONE).order_by("pk") if entry else []
    return render(request, "ticketing/knowledge/edit.html", context | _offered(), status=status)


def _text(entry: KnowledgeEntry | None, last: KnowledgeVersion | None) -> dict[str, Any]:
    """What a change starts from: the text that waits or was sent back, else what is published, whose day of review may
    have been moved since."""
    if entry is None or last is None:
        return {}
    return stored(entry) if last.state == VersionState.APPROVED else last.content


def _initial(text: dict[str, Any]) -> dict[str, object]:
    return EntryForm.start(text) if text else {"valid_from": timezone.localdate().isoformat()}


def _filled(text: dict[str, Any]) -> filling.Filled:
    return filling.stored(text.get("material", ""), text.get("details") or {})


def _offered() -> dict[str, object]:
    """What the inputs of units, categories and conditions suggest."""
    return {
        "facts": list(FACTS.items()),
        "operators": list(OPERATORS.items()),
        "units": Department.objects.filter(active=True).order_by("code").values_list("name", flat=True)[:SUGGESTED],
        "leaves": Category.objects.filter(active=True, children__isnull=True).order_by("code")[:SUGGESTED],
    }


def _checked(form: EntryForm, filled: filling.Filled, entry: KnowledgeEntry | None) -> Content | None:
    """The content when all rules hold; else None, and the form says at each field what is wrong."""
    if not form.is_valid():
        return None
    details = filled.details(form.cleaned_data["material"])
    for text in filled.problems:
        form.add_error(None, text)
    try:
        content = Checker().check({**form.cleaned_data, "details": details}, entry)
    except Refused as refused:
        for problem in refused.problems:
            # a row that could not be read has been named already, and is missing only because of that
            if not (filled.problems and problem.field == "details" and "条件" in problem.message):
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    return content if form.is_valid() else None


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, number: int) -> HttpResponse:
    """A version beside the one published before it; approve or send back what is proposed."""
    actor = needed(request)
    rows_of = KnowledgeVersion.objects.select_related("entry", "author", "decided_by")
    found = get_object_or_404(rows_of, pk=number)
    if not editing.may_edit(actor, found.entry.owner_id):
        raise Http404
    if request.method == "POST":
        if request.POST.get("decision") == "approve":
            editing.approve(found, actor=actor, remark=request.POST.get("remark", ""))
            messages.success(request, f"{found.entry.code} 第 {found.number} 版已发布")
        else:
            editing.reject(found, actor=actor, remark=request.POST.get("remark", ""))
            messages.success(request, f"{found.entry.code} 第 {found.number} 版已退回")
        return redirect("knowledge:work")
    rows = comparing.compared(found)
    context = {
        "version": found,
        "may_approve": editing.may_approve(actor, found.author_id, found.entry.owner_id),
        "own": actor.staff_id is not None and found.author_id == actor.staff_id,
        "rows": rows,
        "first": not any(row.before for row in rows),
        "others": found.entry.versions.select_related("author").order_by("-number")[:50],
    }
    return render(request, "ticketing/knowledge/version.html", context)


@staff_page
@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """The owner's answer to a reported error."""
    found = get_object_or_404(KnowledgeError.objects.select_related("entry"), pk=number)
    mended = request.POST.get("mended") == "yes"
    feedback.answer_error(found, actor=needed(request), mended=mended, answer=request.POST.get("answer", ""))
    return redirect("knowledge:work")


@staff_page
@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    actor = needed(request)
    editing.withdraw(_entry(actor, code), actor=actor)
    return redirect("knowledge:work")


@staff_page
@require_POST
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """复审: the text still holds."""
    actor = needed(request)
    try:
        day = date.fromisoformat(request.POST.get("review_on", ""))
    except ValueError:
        raise BadInput("review_on", "日期应写成 2026-01-31 的形式") from None
    editing.confirm(_entry(actor, code), actor=actor, review_on=day)
    return redirect("knowledge:work")


@staff_page
@require_POST
def attach(request: HttpRequest, code: str) -> HttpResponse:
    actor = needed(request)
    upload = request.FILES.get("file")
    if upload is None:
        raise BadInput("file", "请选择文件")
    files.attach(_entry(actor, code), upload, actor=actor)
    messages.success(request, "附件已上传，由另一人审核后发布")
    return redirect("knowledge:edit", code=code)


@staff_page
@require_POST
def decide_file(request: HttpRequest, number: int) -> HttpResponse:
    """A second person publishes an uploaded file, or a file is taken off."""
    actor = needed(request)
    found = get_object_or_404(KnowledgeFile.objects.select_related("entry"), pk=number, entry__in=_entries(actor))
    if request.POST.get("decision") == "publish":
        files.publish(found, actor=actor)
        messages.success(request, f"附件已发布：{found.name}")
    else:
        files.remove(found, actor=actor)
        messages.success(request, f"附件已移除：{found.name}")
    return redirect("knowledge:work")


@staff_page
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Imports a file; the page shows the report for every row."""
    actor = needed(request)
    if not editing.may_edit(actor):
        raise NotYours("只有知识编辑可以批量导入")
    form = ImportForm(request.POST, request.FILES)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            records = exchange.read(upload.file, upload.name)
            given = form.cleaned_data
            reports = exchange.store(records, actor=actor, partly=given["partly"], update=given["update"])
            context |= {"reports": reports, **_outcome(reports)}
        except exchange.BadFile as error:
            form.add_error("file", str(error))
    status = 200 if form.is_valid() and not context.get("wrong") else 422
    return render(request, "ticketing/knowledge/import.html", context, status=status)


def _outcome(reports: list[exchange.RowReport]) -> dict[str, int]:
    """How many rows were wrong, did nothing, made an entry and changed one."""
    return {
        "wrong": sum(bool(report.problems) for report in reports),
        "same": sum(report.change == exchange.SAME and not report.problems for report in reports),
        "made": sum(report.change == exchange.NEW and bool(report.code) for report in reports),
        "changed": sum(report.change == exchange.CHANGED and bool(report.code) for report in reports),
    }


@staff_page
@require_GET
def export(request: HttpRequest, ending: str) -> HttpResponse:
    """All published entries the person may edit, as a file that the import reads."""
    rows = _entries(needed(request)).filter(state=EntryState.PUBLISHED)
    if ending == "csv":
        text = StringIO()
        exchange.write_csv(rows, text)
        answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    elif ending == "xlsx":
        binary = BytesIO()
        exchange.write_xlsx(rows, binary)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        answer = HttpResponse(binary.getvalue(), content_type=kind)
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="knowledge.{ending}"'
    return answer
