"""Which classifier is in use: the model that a person promoted, else the cold start from the categories' own words.

A promoted model stands in `MODELS/champion`, a candidate beside it in `MODELS/challenger`. The champion's manifest is
looked at every minute, so a promotion needs no restart.
"""

from __future__ import annotations

import logging
import shutil
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from directory.models import Category, Duty
from nlp.classify import Classification, Classifier, load
from nlp.classify.coldstart import ColdStart
from nlp.taxonomy import Category as Node
from nlp.taxonomy import Taxonomy
from ticketing.memory import Remembered

log = logging.getLogger(__name__)
MANIFEST = "manifest.json"
#: texts of duties that speak for one category
DUTY_TEXTS = 3


@dataclass(frozen=True)
class InUse:
    """A classifier, its name for the record, and whether a person promoted it (only then may it dispatch)."""

    name: str
    promoted: bool
    engine: Classifier

    def classify(self, text: str, *, title: str = "") -> Classification:
        return self.engine.classify(text, title=title)


def champion() -> Path:
    return Path(settings.MODELS) / "champion"


def challenger() -> Path:
    return Path(settings.MODELS) / "challenger"


@Remembered
def classifier() -> InUse:
    """The classifier for new reports. A model that may not be loaded is left aside, loudly."""
    stamp = _stamp(champion())
    found = _model(champion(), stamp) if stamp is not None else None
    return found or _cold(_tree(), _duties())


def _stamp(folder: Path) -> int | None:
    try:
        return (folder / MANIFEST).stat().st_mtime_ns
    except OSError:
        return None


@Remembered
def contender() -> InUse | None:
    """The candidate model, asked beside the one in use; never the one that decides. None when there is none."""
    stamp = _stamp(challenger())
    found = _model(challenger(), stamp) if stamp is not None else None
    return replace(found, promoted=False) if found else None


@lru_cache(maxsize=4)
def _model(folder: Path, stamp: int) -> InUse | None:
    try:
        return InUse(f"{folder.name}:{stamp}", True, load(folder))
    except ValueError:
        log.exception("the model in %s may not be loaded; it is left aside", folder)
        return None


@lru_cache(maxsize=2)
def _cold(tree: tuple[Node, ...], duties: tuple[tuple[str, str], ...]) -> InUse:
    return InUse("coldstart", False, ColdStart(Taxonomy(tree), depth=3, duties=dict(duties)))


def cut_anew() -> None:
    """The segmentation changed: what was made of the categories' words must be made again."""
    _cold.cache_clear()
    classifier.forget()


def _tree() -> tuple[Node, ...]:
    return tuple(
        Node(
            path=tuple(row.path.split("/")),
            code=row.code,
            description=row.description,
            keywords=tuple(word for word in row.keywords.split(";") if word),
        )
        for row in Category.objects.filter(active=True).order_by("level", "code")
    )


def _duties() -> tuple[tuple[str, str], ...]:
    """By category what the units that lead there say of their duties: at most `DUTY_TEXTS`, those of the city first."""
    today = timezone.localdate()
    standing = Q(valid_to__isnull=True) | Q(valid_to__gte=today)
    rows = Duty.objects.filter(standing, valid_from__lte=today, lead__active=True).exclude(lead__duties_text="")
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    columns = ("category__path", "lead__duties_text")
    for part in (rows.filter(region=None), rows.exclude(region=None)):
        for path, text in part.order_by(*columns).values_list(*columns).distinct():
            if len(found[path]) < DUTY_TEXTS:
                found[path][text] = None
    return tuple((path, " ".join(texts)) for path, texts in found.items())


def promote(folder: Path) -> Path:
    """Puts a trained model in the champion's place; the old one stays as `previous`. Raises ValueError when the model
    may not be loaded or has labels that the category tree lacks."""
    model = load(folder)
    known = set(Category.objects.filter(active=True).values_list("path", flat=True))
    strange = [label for label in model.labels if label not in known]
    if strange:
        count = f"{len(strange)} of {len(model.labels)} labels are no active category"
        such = ", ".join(sorted(known)[:2]) or "(the tree is empty)"
        raise ValueError(f"{count}: {', '.join(strange[:5])}; labels must be paths of the tree, such as {such}")
    target, previous, draft = champion(), champion().with_name("previous"), champion().with_name("draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder, draft)
    if target.exists():
        shutil.rmtree(previous, ignore_errors=True)
        target.rename(previous)
    draft.rename(target)
    classifier.forget()
    return target
