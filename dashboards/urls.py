"""Addresses below /figures/. Filters are query values; nothing personal stands in an address."""

from __future__ import annotations

from django.urls import path

from dashboards.views import appraising, data, drilling, pages, pointing, rating, rectify, reviewing

app_name = "figures"
urlpatterns = [
    path("", pages.show, name="overview"),
    path("units/", pages.league, name="units"),
    path("kpi/", pages.kpi, name="kpi"),
    path("unit/", pages.unit, name="unit"),
    path("wallboard/", pages.wallboard, name="wallboard"),
    path("definitions/", pages.definitions, name="definitions"),
    path("behind/<slug:code>/", drilling.show, name="drill"),
    path("now/<slug:state>/", drilling.standing, name="standing"),
    path("hot/<str:key>/", drilling.hot_topic, name="hot"),
    path("export.csv", data.file, {"kind": "csv"}, name="csv"),
    path("export.xlsx", data.file, {"kind": "xlsx"}, name="xlsx"),
    path("export.pdf", data.paper, name="pdf"),
    path("api/measures/", data.measures, name="api_measures"),
    path("api/wall/", data.wall, name="api_wall"),
    path("reviews/", reviewing.index, name="reviews"),
    path("rectify/", rectify.index, name="rectify"),
    path("reviews/signals/<slug:code>/", reviewing.signal, name="signal"),
    path("reviews/points/", pointing.index, name="points"),
    path("reviews/points/print/", pointing.sheets, name="points_print"),
    path("reviews/points/<int:pk>/print/", pointing.sheet, name="point_print"),
    path("reviews/<int:pk>/", rectify.show, name="review"),
    path("reviews/<int:pk>/do/", rectify.act, name="review_act"),
    path("appraisal/", appraising.index, name="appraisals"),
    path("appraisal/do/", appraising.act, name="appraise"),
    path("appraisal/<int:pk>/", appraising.show, name="appraisal"),
    path("report/<str:month>/", appraising.monthly, {"kind": "docx"}, name="report"),
    path("report/<str:month>/pdf/", appraising.monthly, {"kind": "pdf"}, name="report_pdf"),
    path("rate/c/<str:signed>/", rating.call, name="rate_call"),
    path("rate/m/<str:signed>/", rating.message, name="rate_message"),
    path("rate/<str:token>/", rating.visit, name="rate"),
]
