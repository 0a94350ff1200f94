"""Listening to a recording: by right and reason, each time on the record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from directory.access import standing
from directory.models import Role
from telephony.console.access import Refused, endpoint, staff
from telephony.models import Recording, RecordingRead, RecordingState
from telephony.recordings.store import decrypt
from ticketing.models import Ticket

LISTENERS = (Role.SUPERVISOR, Role.CHECKER, Role.AUDITOR)


@endpoint("GET")
def of_ticket(request: HttpRequest, number: str) -> JsonResponse:
    """Recordings of the call from which a ticket was made, for those who may hear them."""
    key = Ticket.objects.filter(number=number).exclude(call_key="").values_list("call_key", flat=True).first()
    rows = Recording.objects.select_related("call").filter(call__call=key) if key else []
    person = staff(request)
    may_all = standing(person).has(*LISTENERS)
    return JsonResponse(
        {
            "recordings": [
                {"id": r.pk, "state": r.state, "label": r.get_state_display(), "seconds": round(r.seconds, 1)}
                for r in rows
                if may_all or r.call.staff_id == person.pk
            ]
        }
    )


@endpoint("POST")
def listen(request: HttpRequest, pk: int) -> HttpResponse:
    """The sound, after a reason was given. The agent hears own calls, supervisors and checkers all."""
    recording = Recording.objects.select_related("call").filter(pk=pk).first()
    person = staff(request)
    own = recording is not None and recording.call.staff_id == person.pk
    if recording is None or not (own or standing(person).has(*LISTENERS)):
        raise Refused(404, "not_found", "没有这段录音，或您无权调听")
    reason = request.POST.get("reason", "").strip()
    if len(reason) < 2:
        raise Refused(422, "no_reason", "请填写调听事由")
    if recording.state not in (RecordingState.KEPT, RecordingState.SILENT):
        return JsonResponse({"code": recording.state, "text": recording.get_state_display()}, status=410)
    RecordingRead.objects.create(recording=recording, staff=person, reason=reason[:200], at=timezone.now())
    return HttpResponse(decrypt(recording), content_type="audio/wav", headers={"Cache-Control": "no-store"})
