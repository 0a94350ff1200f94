"""`manage.py rotate_pii_key`: seals every identity again under the first key of HOTLINE_PII_KEYS."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from ticketing.models import Identity, Notice, Webhook
from ticketing.privacy.crypto import CannotOpen, primary, reseal

BATCH = 500
_BOXES = (
    (Identity, ("name_box", "phone_box", "address_box", "id_number_box", "email_box")),
    (Notice, ("address_box",)),
    (Webhook, ("secret_box",)),
)


class Command(BaseCommand):
    help = "Put a new key first in HOTLINE_PII_KEYS, keep the old ones behind it, run this, then take the old ones out."

    def handle(self, *args: object, **options: object) -> None:
        total = 0
        try:
            for model, names in _BOXES:
                total += self._rotate(model, names)
        except CannotOpen as error:
            raise CommandError(f"{error}; what was sealed again before stays so, nothing is lost") from error
        self.stdout.write(f"{total} rows are sealed under key {primary()} now")

    @staticmethod
    def _rotate(model: type[Identity] | type[Notice] | type[Webhook], names: tuple[str, ...]) -> int:
        changed, last = 0, 0
        while rows := list(model._default_manager.filter(pk__gt=last).order_by("pk")[:BATCH]):
            last = rows[-1].pk
            stale = []
            for row in rows:
                fresh = {name: reseal(getattr(row, name)) for name in names}
                if any(getattr(row, name) != box for name, box in fresh.items()):
                    for name, box in fresh.items():
                        setattr(row, name, box)
                    stale.append(row)
            with transaction.atomic():
                model._default_manager.bulk_update(stale, names)  # type: ignore[arg-type]
            changed += len(stale)
        return changed
