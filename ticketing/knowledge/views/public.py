"""Pages that citizens and staff share: asking, reading, the policy calculator."""

from __future__ import annotations

from collections import Counter

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ticketing.knowledge import feedback, files, finding
from ticketing.knowledge import policies as calculator
from ticketing.knowledge.doors import entry_or_404, staff
from ticketing.knowledge.editing import may_edit
from ticketing.knowledge.forms import AskForm, ErrorForm, FirmForm
from ticketing.knowledge.models import FileState, KnowledgeEntry, KnowledgeFile, Material
from ticketing.knowledge.structure import GUIDE_FIELDS, POLICY_FIELDS, conditions

#: the portal's filing form takes the citizen's words from here
CARRIED = "filing_text"


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Ask in one's own words (POST: questions may hold personal data), or browse by kind of material."""
    actor = staff(request)
    form = AskForm(request.POST if request.method == "POST" else request.GET)
    context: dict[str, object] = {"form": form, "materials": Material.choices, "layout": _layout(request)}
    if form.is_valid():
        text, material = form.cleaned_data["text"].strip(), form.cleaned_data["material"]
        context |= {"text": text, "material": material}
        if text and request.method == "POST":
            found = finding.find(text, staff=actor is not None, materials=[material] if material else [])
            context["found"] = found
            if not found.known:
                feedback.unanswered(text)
        else:
            rows = finding.readable(actor is not None).select_related("owner")
            rows = rows.filter(material=material) if material else rows
            page = Paginator(rows.order_by("-uses", "code"), 30).get_page(request.GET.get("page"))
            context["page"] = page
    context["editor"] = actor is not None and may_edit(actor)
    return render(request, "ticketing/knowledge/home.html", context)


def _layout(request: HttpRequest) -> str:
    return "desk/base.html" if staff(request) else "base.html"


@require_GET
def entry(request: HttpRequest, code: str) -> HttpResponse:
    """One entry; reading it counts as a use once per session."""
    found = entry_or_404(request, code)
    actor = staff(request)
    seen = request.session.setdefault("knowledge_seen", [])
    if found.pk not in seen:
        feedback.use(found, "opened", actor=actor)
        request.session["knowledge_seen"] = [*seen[-200:], found.pk]
    return render(request, "ticketing/knowledge/entry.html", _shown(request, found, actor is not None))


def _shown(request: HttpRequest, found: KnowledgeEntry, is_staff: bool) -> dict[str, object]:
    labels = GUIDE_FIELDS if found.material == Material.GUIDE else POLICY_FIELDS
    parts = [
        (label, found.details[name])
        for name, label in labels.items()
        if found.details.get(name) and not (found.material == Material.POLICY and name == "conditions")
    ]
    needs = [one.text for one in conditions(found.details)] if found.material == Material.POLICY else []
    actor = staff(request)
    return {
        "entry": found,
        "parts": [(label, value if isinstance(value, list) else None, value) for label, value in parts],
        "needs": needs,
        "files": found.files.filter(state=FileState.LIVE).order_by("pk"),
        "is_staff": is_staff,
        "may_edit": actor is not None and may_edit(actor, found.owner_id),
        "error_form": ErrorForm(),
        "ways": feedback.ways(found) if is_staff else [],
        "reported": found.errors.select_related("by", "answered_by").order_by("-pk")[:10] if is_staff else [],
        "voted": found.pk in request.session.get("knowledge_voted", []),
        "layout": _layout(request),
    }


@require_POST
def vote(request: HttpRequest, code: str) -> HttpResponse:
    """Did it help? Once per session and entry."""
    found = entry_or_404(request, code)
    voted = request.session.setdefault("knowledge_voted", [])
    if found.pk not in voted and request.POST.get("helped") in ("yes", "no"):
        feedback.vote(found, request.POST["helped"] == "yes", actor=staff(request))
        request.session["knowledge_voted"] = [*voted[-200:], found.pk]
    return redirect("knowledge:entry", code=found.code)


@require_http_methods(["GET", "HEAD", "POST"])
def policies(request: HttpRequest) -> HttpResponse:
    """政策计算器: a short form, and which policies apply to this firm and why. Nothing about the firm is stored."""
    is_staff = staff(request) is not None
    form = FirmForm(request.POST if request.method == "POST" else None, asked=calculator.asked(staff=is_staff))
    context: dict[str, object] = {"form": form, "layout": _layout(request)}
    status = 200
    if request.method == "POST":
        if form.is_valid():
            verdicts = calculator.calculate(form.firm(), staff=is_staff)
            told = Counter(verdict.applies for verdict in verdicts)
            context |= {"verdicts": verdicts, "applies": told[True], "perhaps": told[None], "not_applying": told[False]}
        else:
            status = 422
    return render(request, "ticketing/knowledge/policies.html", context, status=status)


@require_POST
def file(request: HttpRequest) -> HttpResponse:
    """Not answered: the words go along to the form for filing a matter, not through the address."""
    request.session[CARRIED] = request.POST.get("text", "")[:2000]
    return redirect("/file/")


@require_GET
def download(request: HttpRequest, key: str) -> FileResponse:
    """A published file of an entry that this visitor may read; those who edit the entry also see what waits."""
    found = KnowledgeFile.objects.select_related("entry").filter(key=key).exclude(state=FileState.GONE).first()
    if found is None:
        raise Http404
    actor = staff(request)
    readable = finding.readable(actor is not None).filter(pk=found.entry_id).exists()
    if not (found.state == FileState.LIVE and readable) and not (actor and may_edit(actor, found.entry.owner_id)):
        raise Http404
    return files.response(found)
