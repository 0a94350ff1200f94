"""Addresses below /knowledge/."""

from __future__ import annotations

from django.urls import path

from .views import api, editing, public

app_name = "knowledge"
urlpatterns = [
    path("", public.home, name="home"),
    path("policies/", public.policies, name="policies"),
    path("file/", public.file, name="file"),
    path("entries/<slug:code>/", public.entry, name="entry"),
    path("entries/<slug:code>/vote/", public.vote, name="vote"),
    path("entries/<slug:code>/error/", api.error, name="error"),
    path("entries/<slug:code>/use/", api.use, name="use"),
    path("entries/<slug:code>/sms/", api.sms, name="sms"),
    path("files/<slug:key>/", public.download, name="download"),
    path("api/answers/", api.answers, name="answers"),
    path("panel/", api.panel, name="panel"),
    path("edit/", editing.work, name="work"),
    path("edit/new/", editing.edit, name="new"),
    path("edit/import/", editing.take_in, name="import"),
    path("edit/export.<str:ending>", editing.export, name="export"),
    path("edit/versions/<int:number>/", editing.version, name="version"),
    path("edit/files/<int:number>/", editing.decide_file, name="decide_file"),
    path("edit/errors/<int:number>/", editing.answer, name="answer"),
    path("edit/<slug:code>/", editing.edit, name="edit"),
    path("edit/<slug:code>/withdraw/", editing.withdraw, name="withdraw"),
    path("edit/<slug:code>/confirm/", editing.confirm, name="confirm"),
    path("edit/<slug:code>/attach/", editing.attach, name="attach"),
]
