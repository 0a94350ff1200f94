"""Addresses below /desk/. Ticket numbers are addresses; phones and query codes never are."""

from __future__ import annotations

from django.urls import path

from ticketing.desk.views import (
    act,
    bulk,
    duplicates,
    files,
    hotspots,
    intake,
    language,
    notices,
    prints,
    queues,
    supervision,
    ticket,
    wording,
)

app_name = "desk"
urlpatterns = [
    path("", queues.start, name="start"),
    path("counts/", queues.counts, name="counts"),
    path("q/<slug:code>/", queues.listing, name="queue"),
    path("many/", bulk.many, name="many"),
    path("accept/", bulk.accept, name="accept"),
    path("new/", intake.new, name="new"),
    path("suggest/", intake.suggest, name="suggest"),
    path("t/<str:number>/", ticket.show, name="ticket"),
    path("t/<str:number>/reveal/", ticket.reveal, name="reveal"),
    path("t/<str:number>/presence/", ticket.presence, name="presence"),
    path("t/<str:number>/dispatch-now/", act.dispatch_now, name="dispatch_now"),
    path("t/<str:number>/do/<slug:code>/", act.do, name="act"),
    path("t/<str:number>/check-reply/", act.check_reply, name="check_reply"),
    path("t/<str:number>/alike/", duplicates.alike, name="alike"),
    path("t/<str:number>/print/", prints.ticket, name="print"),
    path("t/<str:number>/files/", files.add, name="add_files"),
    path("files/<str:key>/", files.show, name="file"),
    path("supervision/", supervision.listing, name="supervision"),
    path("supervision/answered/", supervision.rates, name="rates"),
    path("supervision/notice/<int:pk>/", prints.supervision, name="supervision_print"),
    path("supervision/<slug:tab>/", supervision.listing, name="supervision_tab"),
    path("hotspots/", hotspots.listing, name="hotspots"),
    path("language/", language.overview, name="language"),
    path("language/try/", wording.trial, name="trial"),
    path("language/words/", wording.words, name="words"),
    path("language/keywords/", wording.category_keywords, name="keywords"),
    path("language/rules/", wording.urgency_rules, name="rules"),
    path("language/rules/new/", wording.urgency_rule, name="new_rule"),
    path("language/rules/<int:pk>/", wording.urgency_rule, name="rule"),
    path("language/changes/", wording.changes, name="changes"),
    path("notices/", notices.outbox, name="notices"),
    path("inbox/", notices.inbox, name="inbox"),
    path("inbox/read/", notices.read, name="read"),
]
