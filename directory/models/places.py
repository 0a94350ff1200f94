"""Where things are and who is responsible for them: regions and departments."""

from __future__ import annotations

from django.db import models


class RegionLevel(models.TextChoices):
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "区县"
    STREET = "street", "乡镇街道"


class Region(models.Model):
    """An administrative division by its GB/T 2260 code (sub-districts: 9 digits)."""

    code = models.CharField("代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    level = models.CharField("级别", max_length=10, choices=RegionLevel.choices)
    note = models.CharField("备注", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class DepartmentKind(models.TextChoices):
    HOTLINE = "hotline", "热线中心"
    BUREAU = "bureau", "市级部门"
    DISTRICT = "district", "区县政府"
    DISTRICT_BUREAU = "district_bureau", "区县部门"
    STREET = "street", "乡镇街道"
    COMPANY = "company", "公共服务企业"
    POLICE = "police", "110"
    WINDOW = "window", "政务服务窗口"
    OTHER = "other", "其他"


class Department(models.Model):
    """A unit that handles tickets (承办单位). Never deleted once a ticket knew it: switched off instead."""

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("全称", max_length=120)
    short_name = models.CharField("简称", max_length=60)
    kind = models.CharField("类别", max_length=20, choices=DepartmentKind.choices, default=DepartmentKind.OTHER)
    superior = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subordinates", verbose_name="上级单位"
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="辖区")
    contact = models.CharField("联系人", max_length=60, blank=True)
    phone = models.CharField("联系电话", max_length=40, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    duties_text = models.TextField("职责", blank=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "承办单位"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.short_name or self.name


class Category(models.Model):
    """A node of the three-level tree of matters (诉求分类)."""

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    level = models.PositiveSmallIntegerField("级别")
    path = models.CharField("路径", max_length=200, db_index=True)
    keywords = models.TextField("关键词", blank=True, help_text="分号分隔；用于没有训练模型时的分类")
    description = models.TextField("说明", blank=True)
    default_kind = models.CharField("默认诉求类型", max_length=20, blank=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "诉求分类"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.path


class Duty(models.Model):
    """One row of the dispatch catalogue (派单目录): for this category in this region, this unit leads.

    The most specific row that is valid on a day wins: first by region depth, then by category depth; between equals the
    row that a ruling made, then the newest. An empty region means the whole city.
    """

    category = models.ForeignKey(Category, models.PROTECT, related_name="duties", verbose_name="分类")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name="区域")
    lead = models.ForeignKey(Department, models.PROTECT, related_name="led_duties", verbose_name="主办单位")
    assists = models.ManyToManyField(Department, blank=True, related_name="assisted_duties", verbose_name="协办单位")
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True, help_text="含当日；空表示长期有效")
    legal_basis = models.CharField("依据", max_length=300, blank=True)
    source_ruling = models.CharField("来源裁定", max_length=60, blank=True, help_text="形成本条的退单裁定编号")

    class Meta:
        verbose_name = verbose_name_plural = "派单目录"
        ordering = ("category__code", "region__code", "-valid_from")
        indexes = [models.Index(fields=["category", "region", "valid_from"], name="duty_lookup")]

    def __str__(self) -> str:
        return f"{self.category} · {self.region or '全市'} → {self.lead}"
