"""What a city adds to the language functions: its words, its urgency rules, and who changed what."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ticketing.terms import Urgency


class WordSort(models.TextChoices):
    ESTATE = "estate", "小区楼盘"
    ROAD = "road", "道路"
    PLACE = "place", "其他地名"
    UNIT = "unit", "单位机构"
    TERM = "term", "业务用语"


class DictionaryWord(models.Model):
    """A word that the segmentation keeps together. A word taken out stays as a row: it is also taken out of the words
    that a model brought along."""

    word = models.CharField("词语", max_length=30, unique=True)
    sort = models.CharField("种类", max_length=10, choices=WordSort.choices)
    active = models.BooleanField("启用", default=True)
    changed_at = models.DateTimeField("更新时间")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="更新人")

    class Meta:
        verbose_name = verbose_name_plural = "分词词语"

    def __str__(self) -> str:
        return self.word


class OwnRule(models.Model):
    """本市紧急规则: a rule as `nlp.urgency` takes it. Lists hold one entry a line as it was typed; `version` counts up
    with each change, and each version stands in the record of changes."""

    name = models.CharField("名称", max_length=40, unique=True)
    level = models.CharField(
        "级别", max_length=10, choices=[choice for choice in Urgency.choices if choice[0] != Urgency.NORMAL]
    )
    handover = models.CharField(
        "移交", max_length=3, blank=True, choices=[(line, line) for line in ("110", "119", "120", "122")]
    )
    why = models.CharField("理由", max_length=60)
    event = models.JSONField("险情用语", default=list)
    circumstances = models.JSONField("同时出现", default=list)
    unless = models.JSONField("例外", default=list)
    anytime = models.BooleanField("不看时态和否定", default=False)
    positive = models.JSONField("应命中的句子", default=list)
    negative = models.JSONField("不应命中的句子", default=list)
    active = models.BooleanField("启用", default=True)
    version = models.PositiveIntegerField("版本", default=1)
    changed_at = models.DateTimeField("更新时间")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="更新人")

    class Meta:
        verbose_name = verbose_name_plural = "本市紧急规则"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class WordingChange(models.Model):
    """One change of words, keywords or rules: who, when, from what to what. Append-only, kept in the ledger; the newest
    one's number tells every process whether what it remembers is still so."""

    subject = models.CharField(
        "对象", max_length=10, choices=[("word", "分词词语"), ("keyword", "分类关键词"), ("rule", "紧急规则")]
    )
    name = models.CharField("名称", max_length=200)
    what = models.CharField("变更", max_length=40)
    before = models.JSONField("变更前", default=dict)
    after = models.JSONField("变更后", default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="变更人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "语言设置变更"
        indexes = [models.Index(fields=["subject", "-id"], name="wording_newest")]

    def __str__(self) -> str:
        return f"{self.name} {self.what}"
