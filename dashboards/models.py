"""What dashboards store: daily rollups, what each subject contributed to them, weights, and frozen appraisals."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from directory.models import Department, Region
from ticketing.reviews.terms import Ruling


class Daily(models.Model):
    """How often `counter` counted on `day` (Asia/Shanghai) in one city, by one breakdown (`cut`, `key`).

    `cut` "" is the whole city. Every row follows from `Counted` and is changed only by `rollups.feed`.
    """

    city = models.CharField(max_length=12)
    cut = models.CharField(max_length=16, blank=True)
    counter = models.CharField(max_length=32)
    day = models.DateField()
    key = models.CharField(max_length=60, blank=True)
    n = models.IntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "每日统计"
        constraints = [
            # in the order of the questions: one city, one breakdown, some counters, a stretch of days
            models.UniqueConstraint(fields=["city", "cut", "counter", "day", "key"], name="daily_once")
        ]


class Monthly(models.Model):
    """The daily rows of a month added up, under its first day: what long periods are read from."""

    city = models.CharField(max_length=12)
    cut = models.CharField(max_length=16, blank=True)
    counter = models.CharField(max_length=32)
    month = models.DateField()
    key = models.CharField(max_length=60, blank=True)
    n = models.IntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "每月统计"
        constraints = [models.UniqueConstraint(fields=["city", "cut", "counter", "month", "key"], name="monthly_once")]


class Pair(models.Model):
    """What counted on `day` under two breakdowns at once (`cut` such as `unit+kind`, `key` such as `7|complaint`).

    `counts` is a JSON object of all counters that are not 0 (`measures.cells.written`); `span` "month" holds the days
    of a month added up, under its first day. One row for all counters: with a row for each there would be as many as
    there are facts.
    """

    city = models.CharField(max_length=12)
    span = models.CharField(max_length=5)
    cut = models.CharField(max_length=16)
    key = models.CharField(max_length=60)
    day = models.DateField()
    counts = models.TextField()

    class Meta:
        verbose_name = verbose_name_plural = "交叉统计"
        constraints = [models.UniqueConstraint(fields=["city", "span", "cut", "key", "day"], name="pair_once")]


class Counted(models.Model):
    """What one subject (`ticket:7`, `call:3`, `review:5`) contributes now; a change replaces it and moves the sums.

    `facts` is the text of `rollups.facts`.
    """

    subject = models.CharField(max_length=40, primary_key=True)
    facts = models.TextField()

    class Meta:
        verbose_name = verbose_name_plural = "统计贡献"


class RollupState(models.Model):
    """One row: locked by whoever changes the rollups; `definitions` tells by which counters they were made."""

    definitions = models.CharField(max_length=64, blank=True)
    rebuilt_at = models.DateTimeField(null=True)
    fed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "统计状态"


class HotTopics(models.Model):
    """The hot topics of a city's last days, as `dashboards.hot` found them; one row a city, replaced each time.

    `topics` holds names of problems and places, numbers of tickets and counts; no words or data of a person.
    """

    city = models.CharField(max_length=12, primary_key=True)
    made_at = models.DateTimeField()
    tickets = models.PositiveIntegerField()
    topics = models.JSONField()

    class Meta:
        verbose_name = verbose_name_plural = "热点"


class StateDay(models.Model):
    """A state (coverage of rating channels) of a city as it last was on a day: what cannot be counted afterwards."""

    city = models.CharField(max_length=12)
    code = models.CharField(max_length=32)
    day = models.DateField()
    covered = models.PositiveIntegerField()
    total = models.PositiveIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "每日覆盖"
        constraints = [models.UniqueConstraint(fields=["city", "code", "day"], name="state_once_a_day")]


class MeasureWeights(models.Model):
    """Configured weights of a region from a day on; a period keeps those in force on its first day."""

    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name="区域")
    effective_from = models.DateField("生效日期")
    weights = models.JSONField("权重", help_text="fair、response、solved、satisfied")
    basis = models.CharField("依据", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "考核权重"
        ordering = ("-effective_from",)

    def __str__(self) -> str:
        return f"{self.region or '全部'} {self.effective_from}"


class Exclusion(models.Model):
    """剔除申请: a unit asks that a ticket be left out of the appraisal; somebody outside the unit rules."""

    ticket = models.ForeignKey("ticketing.Ticket", models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    reason = models.TextField("理由")
    asked_at = models.DateTimeField("申请时间")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted = models.BooleanField("同意", null=True)
    ruled_at = models.DateTimeField("裁定时间", null=True)
    ruled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opinion = models.TextField("裁定意见", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "考核剔除"
        constraints = [models.UniqueConstraint(fields=["ticket", "department"], name="one_exclusion_request")]


class Appraisal(models.Model):
    """考核: the frozen figures of a month. A correction is a further version beside the first, never over it.

    `inputs` holds everything the scores follow from (counts per unit, weights, exclusions with their rulings), so the
    same scores come out years later; `digest` proves that nothing was altered.
    """

    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    month = models.DateField("月份")
    version = models.PositiveIntegerField("版本")
    frozen_at = models.DateTimeField("冻结时间")
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField("更正原因", max_length=300, blank=True)
    inputs = models.JSONField()
    scores = models.JSONField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField("公布时间", null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "考核"
        ordering = ("-month", "-version")
        constraints = [models.UniqueConstraint(fields=["region", "month", "version"], name="appraisal_version")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} 第{self.version}版"


class Objection(models.Model):
    """考核申诉: a unit contests its figures of a frozen version; a supervisor outside the unit decides.

    Upheld, it changes nothing by itself: the facts are corrected or tickets excluded, and the month is frozen anew.
    """

    appraisal = models.ForeignKey(Appraisal, models.PROTECT, related_name="objections")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    reason = models.TextField("理由")
    asked_at = models.DateTimeField("申诉时间")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ruling = models.CharField("结论", max_length=10, choices=Ruling.choices, default=Ruling.OPEN)
    ruled_at = models.DateTimeField("复核时间", null=True)
    ruled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opinion = models.TextField("复核意见", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "考核申诉"
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["appraisal", "department"], condition=models.Q(ruling="open"), name="one_open_objection"
            )
        ]
