"""The ticket, who it is about, and who handles it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from directory.models import Category, Department, Region
from ticketing.terms import OPEN, AssignmentStatus, Channel, Kind, Part, Status, Urgency


class Ticket(models.Model):
    """One matter of one citizen. `status` is assigned by `ticketing.lifecycle.engine` and nowhere else.

    Columns below `--- where it stands` are kept by the lifecycle in the transaction of each action and can be
    recomputed from the journal; times are UTC, null while unknown or not reached.

    Every index is a page more to write with every report: a foreign key has one of its own only where none below begins
    with it.
    """

    number = models.CharField("工单编号", max_length=18, unique=True)
    channel = models.CharField("来源渠道", max_length=20, choices=Channel.choices)
    source = models.CharField("编号来源", max_length=40, blank=True, default="", db_default="")
    external_id = models.CharField("外部编号", max_length=120, null=True, blank=True)
    kind = models.CharField("诉求类型", max_length=12, choices=Kind.choices, blank=True)
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, db_index=False, verbose_name="诉求分类"
    )
    urgency = models.CharField("紧急程度", max_length=10, choices=Urgency.choices, default=Urgency.NORMAL)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, db_index=False, verbose_name="区域")
    city = models.ForeignKey(Region, models.PROTECT, related_name="+", db_index=False, verbose_name="受理地")
    title = models.CharField("标题", max_length=200)
    body = models.TextField("诉求内容")
    place = models.CharField("地点", max_length=300, blank=True)
    enterprise = models.CharField("企业名称", max_length=200, blank=True)
    confidential = models.BooleanField("保密", default=False)
    anonymous = models.BooleanField("匿名", default=False)
    wants_callback = models.BooleanField("需要回访", default=True)
    publishable = models.BooleanField("同意公开", default=False)
    published = models.BooleanField("已公开", default=False)
    complained_unit = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="被投诉单位"
    )
    suspected_110 = models.BooleanField("疑似110事项", default=False)
    proposal = models.JSONField("系统建议", default=dict, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="受理人",
    )
    call_key = models.CharField("通话", max_length=80, blank=True, db_index=True)
    query_hash = models.CharField("查询码摘要", max_length=64, blank=True)
    history = models.BooleanField("历史导入", default=False)

    # --- where it stands
    status = models.CharField("状态", max_length=16, choices=Status.choices, default=Status.NEW)
    lead = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_tickets",
        db_index=False,
        verbose_name="主办单位",
    )
    due_at = models.DateTimeField("当前期限", null=True, blank=True)
    due_clock = models.CharField("当前时钟", max_length=20, blank=True)
    late = models.BooleanField("已超期", default=False)
    dispatch_count = models.PositiveSmallIntegerField("派单次数", default=0)
    return_count = models.PositiveSmallIntegerField("退单次数", default=0)
    redo_count = models.PositiveSmallIntegerField("重办次数", default=0)
    reopen_count = models.PositiveSmallIntegerField("重开次数", default=0)
    urge_count = models.PositiveSmallIntegerField("催办次数", default=0)
    ladder = models.CharField("督办级别", max_length=16, blank=True)
    designated = models.BooleanField("指定承办", default=False)
    to_review = models.BooleanField("改类待复核", default=False)
    refusal_code = models.CharField("不予受理代码", max_length=4, blank=True)
    public_answer = models.TextField("公开答复", blank=True)
    master = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False, verbose_name="并入工单"
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", db_index=False, verbose_name="拆分自"
    )
    promised_at = models.DateTimeField("首次承诺期限", null=True, blank=True)
    created_at = models.DateTimeField("受理时间")
    first_dispatched_at = models.DateTimeField("首次派单时间", null=True, blank=True)
    dispatched_at = models.DateTimeField("派单时间", null=True, blank=True)
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    contacted_at = models.DateTimeField("联系群众时间", null=True, blank=True)
    replied_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_in_days = models.PositiveSmallIntegerField("答复用时（工作日）", null=True, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    contacted = models.BooleanField("已联系", null=True)
    solved = models.BooleanField("已解决", null=True)
    satisfaction = models.PositiveSmallIntegerField("满意度", null=True, blank=True)

    # --- the journal's head
    version = models.PositiveIntegerField("版本", default=0)
    head_mac = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "工单"
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "channel", "source"],
                condition=Q(external_id__isnull=False),
                name="external_once",
            )
        ]
        indexes = [
            # queues of the desk: one status, soonest due first
            models.Index(fields=["status", "due_at", "id"], name="ticket_queue"),
            # how much is open, overdue, due today, urgent: the overview reads it without the tickets themselves
            models.Index(
                fields=["city", "status", "late", "due_at", "urgency"],
                name="ticket_standing",
                condition=Q(status__in=sorted(OPEN)),
            ),
            models.Index(fields=["lead", "status", "due_at"], name="ticket_unit_queue"),
            models.Index(fields=["city", "created_at"], name="ticket_city_created"),
            models.Index(fields=["region", "status"], name="ticket_region"),
            models.Index(fields=["category", "created_at"], name="ticket_category"),
            models.Index(fields=["created_at"], name="ticket_created"),
            # what one agent took down, newest first
            models.Index(fields=["taken_by", "created_at"], name="ticket_taken", condition=Q(taken_by__isnull=False)),
            # what few tickets have: a new one need not be put into these
            models.Index(
                fields=["complained_unit"], name="ticket_complained", condition=Q(complained_unit__isnull=False)
            ),
            models.Index(fields=["master"], name="ticket_master", condition=Q(master__isnull=False)),
            models.Index(fields=["parent"], name="ticket_parent", condition=Q(parent__isnull=False)),
            models.Index(fields=["closed_at"], name="ticket_closed", condition=Q(closed_at__isnull=False)),
            models.Index(fields=["-closed_at"], name="ticket_published", condition=Q(published=True)),
            models.Index(
                fields=["answered_in_days", "city"],
                name="ticket_answered",
                condition=Q(answered_in_days__isnull=False),
            ),
            models.Index(fields=["due_at"], name="ticket_late", condition=Q(late=True)),
            # over all queues, soonest due first: only open tickets have a due time
            models.Index(fields=["due_at", "id"], name="ticket_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["status"], name="ticket_urgent", condition=~Q(urgency="normal")),
            # the supervision list: few rows each, however many tickets there are
            models.Index(fields=["due_at"], name="ticket_returned", condition=Q(return_count__gte=2)),
            models.Index(fields=["due_at"], name="ticket_redone", condition=Q(redo_count__gte=1)),
            models.Index(fields=["created_at"], name="ticket_to_review", condition=Q(to_review=True)),
        ]

    def __str__(self) -> str:
        return self.number


class Identity(models.Model):
    """Who the citizen is: encrypted at rest, found through keyed hashes, absent for an anonymous ticket.

    The `*_box` columns hold what `ticketing.privacy.crypto.seal` made; only `ticketing.privacy.identity` opens them.
    """

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="identity", primary_key=True)
    name_box = models.TextField(blank=True)
    phone_box = models.TextField(blank=True)
    address_box = models.TextField(blank=True)
    id_number_box = models.TextField(blank=True)
    email_box = models.TextField(blank=True)
    phone_hash = models.CharField(max_length=64, blank=True, db_index=True)
    id_number_hash = models.CharField(max_length=64, blank=True, db_index=True)
    user_hash = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "身份信息"


class Assignment(models.Model):
    """One unit's share of a ticket: a node of the tree (parent, level, lead or assist)."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="assignments")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    level = models.PositiveSmallIntegerField("层级", default=1)
    round = models.PositiveSmallIntegerField("派单轮次", default=1)
    department = models.ForeignKey(Department, models.PROTECT, related_name="assignments", verbose_name="承办单位")
    part = models.CharField("承办方式", max_length=8, choices=Part.choices)
    status = models.CharField("状态", max_length=16, choices=AssignmentStatus.choices, default=AssignmentStatus.TO_SIGN)
    opinion = models.TextField("派单意见", blank=True)
    designated = models.BooleanField("指定承办", default=False)
    dispatched_at = models.DateTimeField("派单时间", null=True, blank=True)
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    replied_at = models.DateTimeField("反馈时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    extended = models.PositiveSmallIntegerField("延期次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "派单"
        indexes = [models.Index(fields=["department", "status", "ticket"], name="assignment_unit")]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "department"],
                condition=Q(status__in=["to_sign", "return_asked", "handling"]),
                name="one_open_share_per_unit",
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.department_id} {self.part}"


class Reply(models.Model):
    """What a unit answered. The internal note never leaves the house; the public answer does."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="replies")
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="replies")
    internal_note = models.TextField("内部办理情况", blank=True)
    public_answer = models.TextField("对外答复")
    truthful = models.BooleanField("是否属实", null=True)
    solved = models.BooleanField("是否解决", null=True)
    unsolved_reason = models.CharField("未解决原因", max_length=300, blank=True)
    created_at = models.DateTimeField("时间")
    superseded = models.BooleanField("被退回", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "答复"


class Link(models.Model):
    """A suggested or made link between two tickets of the same problem."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="links")
    other = models.ForeignKey(Ticket, models.PROTECT, related_name="linked")
    kind = models.CharField(max_length=12, choices=[("related", "相关"), ("same_problem", "同一问题")])
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "关联"
        constraints = [models.UniqueConstraint(fields=["ticket", "other", "kind"], name="link_once")]
