"""Addresses under /console/."""

from __future__ import annotations

from django.urls import include, path

from telephony.console import api, books, leader, listening, pages, writing

urlpatterns = [
    path("", pages.console, name="console"),
    path("twilio/", include("telephony.gateways.twilio.urls")),
    path("board/", pages.board_page, name="board"),
    path("ledger/", books.ledger, name="ledger"),
    path("callbacks/", books.owed, name="callbacks"),
    path("nuisance/", books.nuisance, name="nuisance"),
    path("api/board", pages.board_data),
    path("api/login", api.log_in),
    path("api/state", api.state),
    path("api/pop", api.pop),
    path("api/order", api.order),
    path("api/draft", api.save_draft),
    path("api/drafts", api.drafts),
    path("api/draft/discard", api.discard_draft),
    path("api/tickets", api.save_ticket),
    path("api/suggest", writing.suggest),
    path("api/places", writing.places),
    path("api/targets", api.targets),
    path("api/callbacks/next", api.take_callback),
    path("api/callbacks/settle", api.settle_callback),
    path("api/messages", leader.message),
    path("api/notices", leader.notice),
    path("api/notices/<int:pk>/end", leader.end_notice),
    path("api/recordings/<str:number>", listening.of_ticket),
    path("recordings/<int:pk>/", listening.listen, name="recording"),
]
