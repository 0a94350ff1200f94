"""Who works here: staff, their roles, their deputies, the duty roster and the seats."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce

from .places import Department, Region


class Role(models.TextChoices):
    AGENT = "agent", "话务员"
    DISPATCHER = "dispatcher", "派单员"
    HANDLER = "handler", "经办人"
    UNIT_HEAD = "unit_head", "单位负责人"
    CHECKER = "checker", "审核员"
    CALLBACK_CLERK = "callback_clerk", "回访员"
    SUPERVISOR = "supervisor", "督办员"
    WINDOW_CLERK = "window_clerk", "窗口人员"
    KNOWLEDGE_EDITOR = "knowledge_editor", "知识编辑"
    AUDITOR = "auditor", "审计员"
    ADMINISTRATOR = "administrator", "系统管理员"


#: roles that work in the hotline itself and see the tickets of their region
HOTLINE_ROLES = frozenset({Role.AGENT, Role.DISPATCHER, Role.CHECKER, Role.CALLBACK_CLERK, Role.SUPERVISOR})
#: roles that work in a handling unit and see what was given to it
UNIT_ROLES = frozenset({Role.HANDLER, Role.UNIT_HEAD})


class Staff(AbstractUser):
    """A person with a log-in. What the person may do stands in `RoleBinding`, not in flags."""

    name = models.CharField("姓名", max_length=40)
    job_number = models.CharField("工号", max_length=20, unique=True, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "工作人员"

    def __str__(self) -> str:
        return self.name or self.username


class RoleBinding(models.Model):
    """A role held in a unit and a region, from a day to a day."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="bindings", verbose_name="人员")
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, verbose_name="单位")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name="区域")
    valid_from = models.DateField("起", null=True, blank=True)
    valid_to = models.DateField("止", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "角色"
        constraints = [
            models.UniqueConstraint(
                "staff",
                "role",
                Coalesce("department", Value(0)),
                Coalesce("region", Value("")),
                name="binding_once",
                violation_error_message="该人员已有同样的角色",
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_role_display()}"


class Deputy(models.Model):
    """While `absent` is away, `deputy` acts with the absent person's unit roles; the journal names both."""

    absent = models.ForeignKey(Staff, models.CASCADE, related_name="deputies", verbose_name="不在岗人员")
    deputy = models.ForeignKey(Staff, models.CASCADE, related_name="deputises", verbose_name="代理人")
    starts_at = models.DateTimeField("起")
    ends_at = models.DateTimeField("止")
    phone = models.CharField("代理期间值班电话", max_length=40, blank=True, help_text="空：用值班表上的电话")

    class Meta:
        verbose_name = verbose_name_plural = "代理"

    def __str__(self) -> str:
        return f"{self.deputy} 代 {self.absent}"


class DutyShift(models.Model):
    """Who is on duty for a unit outside office hours: urgent tickets are escalated to this phone."""

    department = models.ForeignKey(Department, models.CASCADE, related_name="shifts", verbose_name="单位")
    staff = models.ForeignKey(Staff, models.CASCADE, verbose_name="值班人")
    starts_at = models.DateTimeField("起")
    ends_at = models.DateTimeField("止")
    phone = models.CharField("值班电话", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "值班表"
        indexes = [models.Index(fields=["department", "starts_at", "ends_at"], name="shift_lookup")]

    def __str__(self) -> str:
        return f"{self.department} {self.staff}"


#: a number as it is dialled, or a SIP address; used by gateways whose phone is not in the page
OUTSIDE_PHONE = RegexValidator(r"^(\+?\d{3,20}|sip:[\w.+-]+@[\w.-]+(:\d{1,5})?)$", "请填写电话号码或 sip: 地址")


class Seat(models.Model):
    """A place where calls are answered (座席)."""

    number = models.CharField("座席号", max_length=12, unique=True)
    name = models.CharField("名称", max_length=40, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="区域")
    skills = models.JSONField("技能", default=list, blank=True)
    node = models.CharField("话务节点", max_length=40, default="default")
    phone = models.CharField(
        "外线话机", max_length=80, blank=True, validators=[OUTSIDE_PHONE],
        help_text="不用网页话机时填写：电话号码（+86…）或 sip: 地址",
    )  # fmt: skip
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "座席"
        ordering = ("number",)

    def __str__(self) -> str:
        return self.number
