"""Where sealed text stands: by convention every column named `…_box`, in every app, holds what `crypto.seal` made."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models


def sealed_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every model that has sealed columns, with their names: none can be forgotten when a key is changed."""
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if field.name.endswith("_box")]
        if names:
            yield model, names
