"""Everything that the directory stores."""

from .calendar import CalendarDay, CalendarYear, OfficeHours
from .people import HOTLINE_ROLES, UNIT_ROLES, Deputy, DutyShift, Role, RoleBinding, Seat, Staff
from .places import Category, Department, DepartmentKind, Duty, Region, RegionLevel

__all__ = [
    "HOTLINE_ROLES",
    "UNIT_ROLES",
    "CalendarDay",
    "CalendarYear",
    "Category",
    "Department",
    "DepartmentKind",
    "Deputy",
    "Duty",
    "DutyShift",
    "OfficeHours",
    "Region",
    "RegionLevel",
    "Role",
    "RoleBinding",
    "Seat",
    "Staff",
]
