"""评价覆盖: which service items and which units have a working rating channel, and which have not."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from directory.models import Department, DepartmentKind

from .models import RatingPoint, ServiceItem

#: kinds that offer no service of their own to rate: the hotline is rated by call, 110 by its own rules
NOT_RATED = (DepartmentKind.HOTLINE, DepartmentKind.POLICE)


def items(region_prefix: str = "") -> QuerySet[ServiceItem]:
    """Active service items, each with `covered`: a working channel of its own or at its unit's windows."""
    working = RatingPoint.objects.filter(working=True).filter(
        Q(item=OuterRef("pk")) | Q(item__isnull=True, department=OuterRef("department"))
    )
    rows = ServiceItem.objects.filter(active=True, department__region__code__startswith=region_prefix)
    return rows.annotate(covered=Exists(working))


def units(region_prefix: str = "") -> QuerySet[Department]:
    """Active units that serve people, each with `covered`: at least one working channel."""
    working = RatingPoint.objects.filter(working=True, department=OuterRef("pk"))
    rows = Department.objects.filter(active=True, region__code__startswith=region_prefix).exclude(kind__in=NOT_RATED)
    return rows.annotate(covered=Exists(working))
