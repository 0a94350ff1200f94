"""A model as a folder: arrays, word lists and a manifest that says what is in it, from what, and how good it was.

Nothing is unpickled: arrays are read with `allow_pickle=False`, the rest is text. A file that is missing, or differs
from the manifest, is refused. Only the file names below are ever opened.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.classify.calibrate import Calibration
from nlp.classify.sureness import Sureness
from nlp.classify.trained import Parts, TrainedModel
from nlp.classify.views import VIEWS
from nlp.segment import Segmenter, default_segmenter

MANIFEST = "manifest.json"
FORMAT = 1
_VOCABULARY = "vocabulary.txt"
_WEIGHTS = "weights.npy"
_IDF = "idf.npy"
_CALIBRATION = "calibration.json"
_USER_WORDS = "user_words.json"
_KEYWORDS = "keywords.json"
_FILES = (_VOCABULARY, _WEIGHTS, _IDF, _CALIBRATION, _USER_WORDS, _KEYWORDS)


class ModelError(ValueError):
    """The folder does not hold a model that may be loaded; the text says why."""


def save(model: TrainedModel, folder: str | Path) -> None:
    """Writes the model to `folder` (made if missing). The manifest is written last: without it nothing loads."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    contents = _contents(model.parts)
    for name, content in contents.items():
        _write(folder / name, content)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "labels": model.labels,
        "views": [view.name for view in VIEWS],
        "threshold": model.threshold,
        **{key: model.manifest[key] for key in ("data", "metrics") if key in model.manifest},
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    _write(folder / MANIFEST, _json(manifest))


def load(folder: str | Path, *, segmenter: Segmenter | None = None) -> TrainedModel:
    """Reads a model. Raises ModelError when the folder, its manifest or any file is not as it should be.

    Words of the user dictionary that the model was trained with are added to `segmenter` (the shared one if not given).
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    contents = {name: _checked(folder / name, manifest["files"].get(name)) for name in _FILES}
    try:
        parts = _parts(manifest, contents)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ModelError(f"model {folder}: contents do not fit together: {error}") from error
    segmenter = segmenter or default_segmenter()
    segmenter.add_weighted(parts.user_words)
    return TrainedModel(parts, segmenter, manifest=manifest)


def read_manifest(folder: str | Path) -> dict[str, Any]:
    """The manifest alone: when the model was made, from what data, and its measures."""
    path = Path(folder) / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(f"no model in {folder}: {MANIFEST} is missing") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is not JSON: {error}") from error
    if (
        not isinstance(manifest, dict)
        or manifest.get("format") != FORMAT
        or not isinstance(manifest.get("files"), dict)
    ):
        raise ModelError(f"{path}: format {FORMAT} expected")
    return manifest


def _contents(parts: Parts) -> dict[str, bytes]:
    return {
        _VOCABULARY: "\n\n".join("\n".join(words) for words in parts.vocabulary).encode("utf-8"),
        _WEIGHTS: _array(parts.weights),
        _IDF: _array(np.concatenate(parts.idf)),
        _CALIBRATION: _json(
            {
                "matrix": parts.calibration.matrix.tolist(),
                "bias": parts.calibration.bias.tolist(),
                "sure": _points(parts.calibration.sure),
                "threshold": parts.threshold,
                "view_weights": parts.view_weights,
                "labels": parts.labels,
            }
        ),
        _USER_WORDS: _json(parts.user_words),
        _KEYWORDS: _json({subject: list(words) for subject, words in parts.keywords.items()}),
    }


def _parts(manifest: dict[str, Any], contents: dict[str, bytes]) -> Parts:
    vocabulary = [part.split("\n") if part else [] for part in contents[_VOCABULARY].decode("utf-8").split("\n\n")]
    calibration = json.loads(contents[_CALIBRATION])
    labels = list(calibration["labels"])
    weights, idf = _read_array(contents[_WEIGHTS]), _read_array(contents[_IDF])
    sizes = [len(words) for words in vocabulary]
    if manifest.get("views") != [view.name for view in VIEWS] or len(sizes) != len(VIEWS):
        raise ValueError(f"views {manifest.get('views')}, this version reads {[view.name for view in VIEWS]}")
    if weights.shape != (sum(sizes), len(labels)) or idf.shape != (sum(sizes),):
        raise ValueError(f"{weights.shape} weights for {sum(sizes)} pieces and {len(labels)} labels")
    return Parts(
        labels=labels,
        vocabulary=vocabulary,
        idf=np.split(idf.astype(np.float32), np.cumsum(sizes)[:-1]),
        view_weights=[float(weight) for weight in calibration["view_weights"]],
        weights=weights.astype(np.float16),
        calibration=Calibration(
            np.array(calibration["matrix"]), np.array(calibration["bias"]), _sureness(calibration.get("sure"))
        ),
        threshold=float(calibration["threshold"]),
        user_words={str(word): int(frequency) for word, frequency in json.loads(contents[_USER_WORDS]).items()},
        keywords={str(subject): tuple(words) for subject, words in json.loads(contents[_KEYWORDS]).items()},
    )


def _points(sure: Sureness | None) -> list[list[float]] | None:
    return [sure.claimed.tolist(), sure.true.tolist()] if sure else None


def _sureness(points: list[list[float]] | None) -> Sureness | None:
    """None for models with few labels, and for those of versions that did not know it."""
    if points is None:
        return None
    claimed, true = (np.array(one, dtype=np.float64) for one in points)
    if claimed.shape != true.shape or (np.diff(claimed) < 0).any():
        raise ValueError("the line of sureness must have as many true as claimed shares, rising")
    return Sureness(claimed, true)


def _checked(path: Path, digest: object) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"model {path.parent}: {path.name} is missing") from None
    except OSError as error:
        raise ModelError(f"model {path.parent}: {path.name} cannot be read: {error.strerror or error}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise ModelError(f"model {path.parent}: {path.name} is not the file that the manifest names (sha256 differs)")
    return content


def _array(values: npt.NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def _read_array(content: bytes) -> npt.NDArray[Any]:
    return np.asarray(np.load(io.BytesIO(content), allow_pickle=False))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def _write(path: Path, content: bytes) -> None:
    """A whole file or none: written beside and moved into place."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)
