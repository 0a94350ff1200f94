"""Endpoints for the console: answers while the agent types, uses, SMS, errors."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from directory.models import HOTLINE_ROLES, UNIT_ROLES, Category, Role
from ticketing.errors import BadInput, NotYours
from ticketing.knowledge import feedback, finding
from ticketing.knowledge.doors import entry_or_404, needed, sent, staff_json, staff_page
from ticketing.knowledge.models import KnowledgeEntry
from ticketing.knowledge.weighing import full_text
from ticketing.notify.telling import tell
from ticketing.privacy import crypto
from ticketing.search.documents import as_html
from ticketing.visibility import get

SMS_MOST = 300
#: those who talk with callers; a unit's people write to the citizen of a ticket of theirs
WRITERS = HOTLINE_ROLES | {Role.WINDOW_CLERK}


@staff_json
@require_POST
def answers(request: HttpRequest) -> JsonResponse:
    """`text` (what the agent types) and/or `category` (a code; `category_id` its key) → the best entries, passages
    highlighted."""
    needed(request)
    given = sent(request)
    text, category = given.get("text", "")[:2000], given.get("category", "")[:20] or _code(given.get("category_id", ""))
    if not text.strip() and not category:
        return JsonResponse({"known": False, "degraded": False, "answers": []})
    found = finding.find(text, staff=True, category=category)
    return JsonResponse(
        {"known": found.known, "degraded": found.degraded, "answers": [_told(one) for one in found.answers]}
    )


def _code(key: str) -> str:
    """The code of a category by its key; "" for what is none."""
    known = key.isdecimal() and len(key) < 10
    return (Category.objects.filter(pk=int(key)).values_list("code", flat=True).first() or "") if known else ""


@staff_page
@require_POST
def panel(request: HttpRequest) -> HttpResponse:
    """The same as a piece of a page, for forms that are being filled in (`body` or `text`, `category`)."""
    needed(request)
    text = (request.POST.get("text") or request.POST.get("body") or "")[:2000]
    found = finding.find(text, staff=True, limit=10).answers if len(text.strip()) > 3 else ()
    answers = [one for one in found if one.helps][:3]
    return render(request, "ticketing/knowledge/_panel.html", {"answers": answers})


def _told(answer: finding.Answer) -> dict[str, object]:
    entry = answer.entry
    return {
        "code": entry.code,
        "title": entry.title,
        "title_html": as_html(answer.title),
        "passage_html": as_html(answer.passage),
        "passage": [[piece.text, piece.hit] for piece in answer.passage],
        "text": full_text(entry),
        "material": entry.get_material_display(),
        "owner": str(entry.owner),
        "public": entry.public,
        "fit": answer.fit,
        "helps": answer.helps,
        "url": reverse("knowledge:entry", args=[entry.code]),
    }


@staff_json
@require_POST
def use(request: HttpRequest, code: str) -> JsonResponse:
    """`how`: opened, read, inserted, sms or answered; `ticket`: number; `helped`: yes or no."""
    actor = needed(request)
    given = sent(request)
    ticket = get(actor, given["ticket"]).number if given.get("ticket") else ""
    helped = {"yes": True, "no": False}.get(given.get("helped", ""))
    made = feedback.use(entry_or_404(request, code), given.get("how", ""), actor=actor, helped=helped, ticket=ticket)
    return JsonResponse({"id": made.pk})


@staff_json
@require_POST
def sms(request: HttpRequest, code: str) -> JsonResponse:
    """Sends a public entry's text to the citizen of `ticket`, or to `phone`; the phone is stored sealed only.

    For those who talk with callers; with a ticket also for its unit's people.
    """
    actor = needed(request)
    entry = entry_or_404(request, code)
    given = sent(request)
    if not entry.public:
        raise BadInput("code", "内部知识不能发送给群众")
    ticket = get(actor, given["ticket"]) if given.get("ticket") else None
    writers = WRITERS | UNIT_ROLES if ticket is not None else WRITERS
    if actor.standing is None or not actor.standing.has(*writers):
        raise NotYours("没有给群众发送短信的权限")
    phone = given.get("phone", "").strip()
    if ticket is None and not (phone.isdigit() and len(phone) == 11):
        raise BadInput("phone", "请填写 11 位手机号或工单编号")
    notice, _ = tell(
        ticket=ticket,
        audience="citizen",
        means="sms",
        template="knowledge",
        text=_short(entry),
        address_box=crypto.seal(phone) if phone else "",
        key=f"knowledge-sms:{entry.code}:{given.get('once') or secrets.token_hex(8)}"[:120],
        created_at=timezone.now(),
        next_try_at=timezone.now(),
    )
    feedback.use(entry, "sms", actor=actor, ticket=ticket.number if ticket else "")
    return JsonResponse({"notice": notice.pk})


def _short(entry: KnowledgeEntry) -> str:
    text = f"{entry.title}：{entry.content}"
    return f"{text[:SMS_MOST]}{'…' if len(text) > SMS_MOST else ''}【12345】"


@staff_page
@require_POST
def error(request: HttpRequest, code: str) -> HttpResponse:
    """纠错, from the entry's page."""
    entry = entry_or_404(request, code)
    feedback.report_error(entry, request.POST.get("text", ""), actor=needed(request))
    return redirect("knowledge:entry", code=entry.code)
