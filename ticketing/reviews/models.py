"""What reviews store. A review's subject is (kind, key): a call stays an opaque key here, for calls live above."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from directory.models import Department, Region
from ticketing.models.tickets import Ticket
from ticketing.terms import LadderStep, Satisfaction

from .terms import Annoyance, RectificationStep, ReviewChannel, ReviewKind, Ruling


class ReviewOptions(models.Model):
    """The options offered with each level, as one version: `options` is {level: [[code, label], …]}."""

    version = models.PositiveIntegerField("版本", unique=True)
    effective_from = models.DateField("生效日期")
    options = models.JSONField("选项")

    class Meta:
        verbose_name = verbose_name_plural = "评价选项"
        ordering = ("-version",)

    def __str__(self) -> str:
        return f"第{self.version}版"


class Review(models.Model):
    """One person's review of one subject. `excluded_at` set: out of the rates after an upheld appeal."""

    kind = models.CharField("种类", max_length=10, choices=ReviewKind.choices)
    key = models.CharField("对象", max_length=120)
    person = models.CharField(max_length=64)
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, blank=True, related_name="reviews")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, verbose_name="被评单位")
    city = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="城市")
    level = models.PositiveSmallIntegerField("等级", choices=Satisfaction.choices)
    options = models.JSONField("选项", default=list, blank=True)
    options_version = models.PositiveIntegerField("选项版本", default=1)
    remark = models.TextField("评价内容", blank=True)
    channel = models.CharField("渠道", max_length=10, choices=ReviewChannel.choices)
    real_name = models.BooleanField("实名", default=False)
    origin_hash = models.CharField(max_length=64, blank=True, db_index=True)
    annoyance = models.CharField("不满原因", max_length=16, choices=Annoyance.choices, blank=True)
    given_at = models.DateTimeField("评价时间")
    changed_at = models.DateTimeField("修改时间", null=True, blank=True)
    excluded_at = models.DateTimeField("剔除时间", null=True, blank=True)
    excluded_reason = models.CharField("剔除理由", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "评价"
        constraints = [models.UniqueConstraint(fields=["kind", "key", "person"], name="one_review_per_person")]
        indexes = [
            models.Index(fields=["given_at"], name="review_given"),
            models.Index(fields=["department", "given_at"], name="review_unit"),
        ]


class ReviewChange(models.Model):
    """What the review said before it was changed."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="changes")
    level = models.PositiveSmallIntegerField("原等级")
    options = models.JSONField(default=list)
    remark = models.TextField(blank=True)
    channel = models.CharField(max_length=10)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "评价修改"


class Rectification(models.Model):
    """差评整改: owned by the unit that handled; the clock stops at the unit's answer (`answered_at`)."""

    review = models.OneToOneField(Review, models.PROTECT, related_name="rectification")
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="整改单位")
    step = models.CharField("环节", max_length=12, choices=RectificationStep.choices, default=RectificationStep.OPEN)
    started_at = models.DateTimeField("起算")
    due_at = models.DateTimeField("期限")
    provisional = models.BooleanField("暂定", default=False)
    explanation = models.JSONField("说明", default=list)
    truthful = models.BooleanField("差评属实", null=True)
    finding = models.TextField("核实情况", blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    measures = models.TextField("整改措施", blank=True)
    rectified_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField("答复群众", blank=True)
    answered_at = models.DateTimeField("整改答复时间", null=True, blank=True)
    called_back_at = models.DateTimeField("回访时间", null=True, blank=True)
    callback_note = models.TextField("回访记录", blank=True)
    second_level = models.PositiveSmallIntegerField("再次评价", choices=Satisfaction.choices, null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField("转督办时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "差评整改"
        indexes = [
            models.Index(fields=["department", "step", "due_at"], name="rectification_unit"),
            models.Index(
                fields=["due_at"],
                name="rectification_due",
                condition=Q(answered_at__isnull=True, ended_at__isnull=True, escalated_at__isnull=True),
            ),
        ]

    @property
    def overdue(self) -> bool:
        """Answered after its time, or not yet and past it; one called off or taken out is not."""
        if self.step in (RectificationStep.WITHDRAWN, RectificationStep.EXCLUDED):
            return False
        return (self.answered_at or timezone.now()) > self.due_at


class RectificationOrder(models.Model):
    """A step of the supervision ladder towards the unit of a bad review that has no ticket (a window's).

    A review of a ticket's handling climbs the ticket's own ladder instead.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="orders")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    step = models.CharField("督办", max_length=16, choices=LadderStep.choices)
    reason = models.CharField("理由", max_length=200)
    issued_at = models.DateTimeField("发出时间")
    answer_due_at = models.DateTimeField("答复期限")

    class Meta:
        verbose_name = verbose_name_plural = "差评督办"
        ordering = ("issued_at", "pk")
        constraints = [models.UniqueConstraint(fields=["review", "step"], name="one_order_per_step")]


class Appeal(models.Model):
    """申诉: the unit says that a review is mistaken or malicious; somebody outside the unit decides."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="appeals")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    reason = models.TextField("理由")
    evidence = models.TextField("证据")
    asked_at = models.DateTimeField("申诉时间")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ruling = models.CharField("结论", max_length=10, choices=Ruling.choices, default=Ruling.OPEN)
    ruled_at = models.DateTimeField("复核时间", null=True, blank=True)
    ruled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    opinion = models.TextField("复核意见", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "差评申诉"
        constraints = [models.UniqueConstraint(fields=["review"], condition=Q(ruling="open"), name="one_open_appeal")]


class ServiceItem(models.Model):
    """政务服务事项: what people come for; each must be ratable (评价覆盖事项率)."""

    code = models.CharField("事项编码", max_length=40, unique=True)
    name = models.CharField("事项名称", max_length=160)
    department = models.ForeignKey(Department, models.PROTECT, related_name="service_items", verbose_name="实施单位")
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "服务事项"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class RatingPoint(models.Model):
    """A rating channel of a window or of one service item: its printable code is `token`. `working` as last checked."""

    token = models.CharField(max_length=24, unique=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="rating_points", verbose_name="单位")
    item = models.ForeignKey(
        ServiceItem, models.PROTECT, null=True, blank=True, related_name="rating_points", verbose_name="事项"
    )
    window = models.CharField("窗口", max_length=80, blank=True)
    working = models.BooleanField("可用", default=True)
    checked_at = models.DateTimeField("核查时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "评价点"
        ordering = ("department__code", "window")

    def __str__(self) -> str:
        return self.window or str(self.item or self.department)
