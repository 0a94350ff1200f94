"""What the knowledge base stores: entries as published, their versions, errors reported, and how they were used."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from directory.models import Category, Department

TITLE_MOST = 128
KEYWORD_MOST = 20


class Material(models.TextChoices):
    """材料性质 (DOMAIN §8; GB/T 44191 and the import rules of Xinyang)."""

    GUIDE = "guide", "办事指南"
    LAW = "law", "法律法规"
    QUESTION = "question", "热点问答"
    DAILY = "daily", "日常咨询"
    NOTICE = "notice", "通知公告"
    PRACTICE = "practice", "业务指引"
    APPROVAL = "approval", "审批事项"
    POLICY = "policy", "惠企政策"


class EntryState(models.TextChoices):
    NEW = "new", "未发布"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已下线"


class ExpiryStep(models.TextChoices):
    """Of what the owner was told about the end of an entry's validity."""

    NONE = "", "未提醒"
    SOON = "soon", "已提醒将失效"
    OVER = "over", "已提醒失效"


class VersionState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审核"
    APPROVED = "approved", "已通过"
    REJECTED = "rejected", "已退回"


class KnowledgeEntry(models.Model):
    """One entry as it is published. It changes only through an approved version.

    `details` is the structured part of a guide or a policy (see `structure.py`). `revision` counts every change of the
    row: the search index orders by it.
    """

    code = models.CharField("编号", max_length=20, unique=True)
    title = models.CharField("标题", max_length=TITLE_MOST, unique=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", verbose_name="类目")
    content = models.TextField("内容")
    owner = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="责任单位")
    issuer = models.CharField("发文单位", max_length=120, blank=True)
    material = models.CharField("材料性质", max_length=12, choices=Material.choices)
    keywords = models.JSONField("关键字", default=list, blank=True)
    public = models.BooleanField("公开", default=False)
    details = models.JSONField("结构化内容", default=dict, blank=True)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True, help_text="含当日；空表示长期有效")
    review_on = models.DateField("复审日期")
    state = models.CharField("状态", max_length=12, choices=EntryState.choices, default=EntryState.NEW)
    version = models.PositiveIntegerField("版本", default=0)
    revision = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    chased_on = models.DateField("催办复审日期", null=True, blank=True)
    expiry_step = models.CharField("失效提醒", max_length=4, choices=ExpiryStep.choices, default="", blank=True)
    uses = models.PositiveIntegerField("使用次数", default=0)
    helped = models.PositiveIntegerField("有帮助", default=0)
    not_helped = models.PositiveIntegerField("没有帮助", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "知识条目"
        ordering = ("code",)
        indexes = [models.Index(fields=["review_on"], name="knowledge_review", condition=Q(state="published"))]

    def __str__(self) -> str:
        return self.title


class KnowledgeVersion(models.Model):
    """A text somebody proposed for an entry; live only when a second person approved it."""

    entry = models.ForeignKey(KnowledgeEntry, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版本")
    content = models.JSONField("内容")
    state = models.CharField("状态", max_length=12, choices=VersionState.choices, default=VersionState.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("时间")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    remark = models.CharField("意见", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "知识版本"
        ordering = ("entry", "-number")
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="knowledge_version_once"),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state__in=["draft", "submitted"]), name="knowledge_one_open_version"
            ),
        ]


class FileState(models.TextChoices):
    WAITING = "waiting", "待审核"
    LIVE = "live", "已发布"
    GONE = "gone", "已移除"


class KnowledgeFile(models.Model):
    """A file that belongs to an entry, stored under its random key like every attachment; readers get it when a second
    person approved it."""

    entry = models.ForeignKey(KnowledgeEntry, models.PROTECT, related_name="files")
    key = models.CharField(max_length=64, unique=True)
    name = models.CharField("文件名", max_length=120)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    state = models.CharField("状态", max_length=8, choices=FileState.choices, default=FileState.LIVE)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="上传人")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "知识附件"


class KnowledgeError(models.Model):
    """纠错: somebody says an entry is wrong; its owner answers before `due_at`."""

    OPEN, MENDED, REFUSED = "open", "mended", "refused"

    entry = models.ForeignKey(KnowledgeEntry, models.PROTECT, related_name="errors")
    text = models.CharField("问题", max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人")
    created_at = models.DateTimeField("时间")
    due_at = models.DateTimeField("期限")
    explanation = models.JSONField("期限说明", default=list)
    state = models.CharField(
        "状态",
        max_length=8,
        default="open",
        choices=[("open", "待处理"), ("mended", "已更正"), ("refused", "不需更正")],
    )
    late = models.BooleanField("已超期", default=False)
    answer = models.CharField("答复", max_length=1000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "知识纠错"
        indexes = [models.Index(fields=["due_at"], name="knowledge_error_due", condition=Q(state="open", late=False))]


class KnowledgeUse(models.Model):
    """One use of an entry: shown, read out, inserted, sent by SMS, or answered with; and whether it helped."""

    HOW = [("opened", "查看"), ("read", "口述"), ("inserted", "引用"), ("sms", "短信发送"), ("answered", "直接答复")]
    #: an opinion on an entry that was opened before is kept beside the uses and is none itself
    VOTED = ("voted", "评价")

    entry = models.ForeignKey(KnowledgeEntry, models.PROTECT, related_name="used")
    how = models.CharField("方式", max_length=10, choices=[*HOW, VOTED])
    audience = models.CharField("对象", max_length=8, choices=[("staff", "人员"), ("public", "群众")])
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ticket_number = models.CharField("工单编号", max_length=18, blank=True)
    helped = models.BooleanField("有帮助", null=True)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "知识使用"


class KnowledgeGap(models.Model):
    """A question nothing was found for: what the editors should write next. Personal data are masked before storing."""

    text = models.CharField("问题", max_length=200, unique=True)
    count = models.PositiveIntegerField("次数", default=1)
    first_at = models.DateTimeField("首次")
    last_at = models.DateTimeField("最近")

    class Meta:
        verbose_name = verbose_name_plural = "未答问题"
        ordering = ("-count",)
