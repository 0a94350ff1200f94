"""What a unit asks for and somebody else decides: returns, extensions, pauses; and what citizens said at call-back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from directory.models import Department
from ticketing.terms import CallbackResult, LadderStep, Satisfaction

from .tickets import Assignment, Ticket


class Decision(models.TextChoices):
    OPEN = "open", "待裁定"
    APPROVED = "approved", "同意"
    REJECTED = "rejected", "不同意"
    LAPSED = "lapsed", "已失效"


class _Request(models.Model):
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="%(class)ss")
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="%(class)ss")
    reason = models.TextField("理由")
    asked_at = models.DateTimeField("申请时间")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decision = models.CharField("裁定", max_length=10, choices=Decision.choices, default=Decision.OPEN)
    decided_at = models.DateTimeField("裁定时间", null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    opinion = models.TextField("裁定意见", blank=True)

    class Meta:
        abstract = True


class ReturnRequest(_Request):
    """退单: a typed ground, the duty it cites and the unit it suggests. `binding` for the second one's ruling."""

    ground = models.CharField("退单事由", max_length=20)
    cited_duty = models.CharField("引用职责依据", max_length=300)
    suggested_unit = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="建议承办单位"
    )
    binding = models.BooleanField("约束性裁定", default=False)
    ruling_number = models.CharField("裁定编号", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "退单申请"
        constraints = [
            models.UniqueConstraint(fields=["assignment"], condition=Q(decision="open"), name="one_open_return")
        ]


class ExtensionRequest(_Request):
    """延期: working days asked for; `promise` marks a long-term one (承诺办理) with the plan told to the citizen."""

    working_days = models.PositiveSmallIntegerField("申请工作日")
    granted_days = models.PositiveSmallIntegerField("批准工作日", null=True, blank=True)
    promise = models.BooleanField("承诺办理", default=False)
    plan = models.TextField("办理计划", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        constraints = [
            models.UniqueConstraint(fields=["assignment"], condition=Q(decision="open"), name="one_open_extension")
        ]


class Callback(models.Model):
    """One try to reach the citizen about the answer."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="callbacks")
    tried_at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    means = models.CharField("方式", max_length=10, choices=[("phone", "电话"), ("sms", "短信"), ("robot", "自动外呼")])
    result = models.CharField("结果", max_length=16, choices=CallbackResult.choices)
    contacted = models.BooleanField("单位是否联系", null=True)
    solved = models.BooleanField("是否解决", null=True)
    satisfaction = models.PositiveSmallIntegerField("满意度", choices=Satisfaction.choices, null=True, blank=True)
    remark = models.TextField("回访记录", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "回访"


class Supervision(models.Model):
    """One step on the ladder, with who must answer by when."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="supervisions")
    department = models.ForeignKey(Department, models.PROTECT, null=True, verbose_name="被督办单位")
    step = models.CharField("级别", max_length=16, choices=LadderStep.choices)
    number = models.CharField("编号", max_length=30, blank=True)
    reason = models.TextField("事由")
    demand = models.TextField("要求", blank=True)
    issued_at = models.DateTimeField("发出时间")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answer_due_at = models.DateTimeField("反馈期限", null=True, blank=True)
    answered_at = models.DateTimeField("反馈时间", null=True, blank=True)
    answer = models.TextField("反馈内容", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "督办"
        indexes = [models.Index(fields=["department", "answered_at"], name="supervision_open")]


class Note(models.Model):
    """A progress note, or evidence that the citizen added. `public` ones stand on the citizen's page."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="notes")
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, blank=True, related_name="notes")
    kind = models.CharField("种类", max_length=12)
    text = models.TextField("内容")
    public = models.BooleanField("对群众可见", default=False)
    created_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "办理记录"


class LadderRule(models.Model):
    """A city's own rule for one step: who climbs it, and how long the unit has to answer."""

    step = models.CharField("级别", max_length=16, choices=LadderStep.choices, unique=True)
    automatic = models.BooleanField("自动触发", default=False)
    answer_working_days = models.PositiveSmallIntegerField("反馈期限（工作日）", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "督办规则"

    def __str__(self) -> str:
        return self.get_step_display()


class ReplyGate(models.Model):
    """How good an answer must be before it goes out (答复质检); an empty unit means all units without a row."""

    department = models.OneToOneField(
        Department, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    least = models.FloatField("最低综合分", help_text="0 至 1；低于此分的答复须审核员说明理由后放行")

    class Meta:
        verbose_name = verbose_name_plural = "答复质检门槛"
        constraints = [models.CheckConstraint(condition=Q(least__gte=0, least__lte=1), name="gate_between_0_and_1")]

    def __str__(self) -> str:
        return f"{self.department or '全部单位'} {self.least}"
