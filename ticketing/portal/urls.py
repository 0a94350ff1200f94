"""The portal's addresses. None carries a number, a query code or a phone."""

from __future__ import annotations

from django.urls import path

from .views import filing, pages, public, ticket, tracking

app_name = "portal"
urlpatterns = [
    path("", pages.home, name="home"),
    path("help/", pages.help_page, name="help"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("elder/", pages.elder, name="elder"),
    path("file/", filing.file, name="file"),
    path("receipt/<str:token>/", filing.receipt, name="receipt"),
    path("files/<str:key>/", pages.attachment, name="attachment"),
    path("track/", tracking.track, name="track"),
    path("track/phone/", tracking.phone, name="track_phone"),
    path("track/code/", tracking.code, name="track_code"),
    path("track/list/", tracking.mine, name="track_list"),
    path("track/leave/", tracking.leave, name="track_leave"),
    path("track/t/<str:token>/", ticket.show, name="ticket"),
    path("track/t/<str:token>/<slug:action>/", ticket.act_on, name="ticket_act"),
    path("answers/", public.answers, name="answers"),
    path("monthly/", public.monthly, name="monthly"),
]
