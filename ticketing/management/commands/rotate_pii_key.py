"""`manage.py rotate_pii_key`: seals every sealed column again under the first key of HOTLINE_PII_KEYS."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from ticketing.privacy.crypto import CannotOpen, primary, reseal
from ticketing.privacy.sealed import sealed_columns

BATCH = 500


class Command(BaseCommand):
    help = "Put a new key first in HOTLINE_PII_KEYS, keep the old ones behind it, run this, then take the old ones out."

    def handle(self, *args: object, **options: object) -> None:
        total = 0
        try:
            for model, names in sealed_columns():
                total += self._rotate(model, names)
        except CannotOpen as error:
            raise CommandError(f"{error}; what was sealed again before stays so, nothing is lost") from error
        self.stdout.write(f"{total} rows are sealed under key {primary()} now")

    @staticmethod
    def _rotate(model: type[models.Model], names: list[str]) -> int:
        changed, last = 0, 0
        while rows := list(model._default_manager.filter(pk__gt=last).order_by("pk")[:BATCH]):
            last = rows[-1].pk
            with transaction.atomic():
                changed += sum(_again(row, names) for row in rows)
        return changed


def _again(row: models.Model, names: list[str]) -> int:
    """Compare-and-set: what somebody else wrote meanwhile (a draft, an erased recording) is left as it is."""
    before = {name: getattr(row, name) for name in names}
    after = {name: reseal(box) for name, box in before.items()}
    if after == before:
        return 0
    return type(row)._default_manager.filter(pk=row.pk, **before).update(**after)
