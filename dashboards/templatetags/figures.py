"""`{{ tile|card:query }}`, `{{ trend|trend_lines }}`, `{{ bars|bar_lines:address }}`: ready-made parts of the pages."""

from __future__ import annotations

from django import template

from dashboards.show import markup

register = template.Library()
register.filter("card", markup.card)
register.filter("trend_lines", markup.trend_lines)
register.filter("bar_lines", markup.bar_lines)
