"""Keywords of categories: what the cold start goes by where no model is trained."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction

from directory.models import Category
from ticketing.errors import BadInput
from ticketing.wording import record

#: keywords of one category, and characters of one keyword
MOST, LONGEST = 60, 20
_BETWEEN = re.compile(r"[;；,，、\s]+")


def keywords_of(category: Category) -> list[str]:
    return [word for word in category.keywords.split(";") if word]


def set_keywords(pk: int, text: str, *, by: int, at: datetime) -> Category:
    """The category's keywords are those of the text from now on, with `;`, commas, blanks or lines between them.

    Raises `BadInput` that names what is wrong. Nothing is written when nothing changes.
    """
    words = list(dict.fromkeys(word for word in _BETWEEN.split(text) if word))
    if len(words) > MOST:
        raise BadInput("keywords", f"一个分类最多 {MOST} 个关键词，现有 {len(words)} 个")
    if wrong := [word for word in words if not (2 <= len(word) <= LONGEST and word.isprintable())]:
        raise BadInput("keywords", f"关键词须为 2 至 {LONGEST} 个字：{'、'.join(word[:30] for word in wrong[:5])}")
    with transaction.atomic():
        category = Category.objects.select_for_update().filter(pk=pk, active=True).first()
        if category is None:
            raise BadInput("category", "没有这个分类，或已停用")
        before = keywords_of(category)
        if before != words:
            category.keywords = ";".join(words)
            category.save(update_fields=["keywords"])
            told = {"before": {"keywords": before}, "after": {"keywords": words}}
            record.note("keyword", category.path, "修改", by=by, at=at, **told)
    return category
