import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlp import classify
from nlp.classify import store
from nlp.classify.store import ModelError
from nlp.classify.sureness import Sureness
from nlp.classify.trained import TrainedModel
from nlp.segment import Segmenter
from tests.nlp.classify_examples import examples


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return classify.train(*examples(8))


@pytest.fixture
def folder(model: TrainedModel, tmp_path: Path) -> Path:
    classify.save(model, tmp_path / "model")
    return tmp_path / "model"


def test_a_loaded_model_answers_as_before(model: TrainedModel, folder: Path) -> None:
    loaded = classify.load(folder)
    for text in ("路灯坏了三盏", "工头欠农民工工资不给", ""):
        assert loaded.classify(text) == model.classify(text)


def test_what_claims_are_worth_is_kept(model: TrainedModel, tmp_path: Path) -> None:
    sure = Sureness(np.array([0.0, 0.4, 1.0]), np.array([0.0, 0.2, 0.9]))
    parts = replace(model.parts, calibration=replace(model.parts.calibration, sure=sure))
    changed = TrainedModel(parts, model.segmenter, model.report, model.manifest)
    classify.save(changed, tmp_path / "sure")
    loaded = classify.load(tmp_path / "sure")
    assert loaded.classify("路灯坏了三盏") == changed.classify("路灯坏了三盏") != model.classify("路灯坏了三盏")


def test_the_manifest_says_what_the_model_is(folder: Path) -> None:
    manifest = store.read_manifest(folder)
    assert manifest["data"]["texts"] == 32
    assert len(manifest["data"]["sha256"]) == 64
    assert {"macro_f1", "coverage", "precision_at_coverage", "ece"} <= manifest["metrics"].keys()
    assert manifest["created"].endswith("+00:00")
    assert manifest["versions"].keys() == {"python", "numpy"}
    assert set(manifest["files"]) == {path.name for path in folder.iterdir()} - {"manifest.json"}


def test_no_file_is_a_pickle(folder: Path) -> None:
    for path in folder.glob("*.npy"):
        np.load(path, allow_pickle=False)
    assert {path.suffix for path in folder.iterdir()} == {".npy", ".json", ".txt"}


def test_a_changed_file_is_refused(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if path.name == store.MANIFEST:
            continue
        before = path.read_bytes()
        path.write_bytes(before + b" ")
        with pytest.raises(ModelError, match=rf"{path.name} is not the file"):
            classify.load(folder)
        path.write_bytes(before)
    classify.load(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "idf.npy").unlink()
    with pytest.raises(ModelError, match=r"idf\.npy is missing"):
        classify.load(folder)


def test_a_folder_without_manifest_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"manifest\.json is missing"):
        classify.load(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99, "files": {}}', '{"format": 1}'])
def test_a_strange_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / store.MANIFEST).write_text(text)
    with pytest.raises(ModelError):
        classify.load(folder)


def rewrite(folder: Path, name: str, content: bytes) -> None:
    """Puts a file in place with a manifest that agrees: what someone would do on purpose."""
    import hashlib

    (folder / name).write_bytes(content)
    manifest = json.loads((folder / store.MANIFEST).read_text())
    manifest["files"][name] = hashlib.sha256(content).hexdigest()
    (folder / store.MANIFEST).write_text(json.dumps(manifest))


def test_a_pickle_is_refused_even_if_the_manifest_names_it(folder: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "evil.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    rewrite(folder, "weights.npy", (tmp_path / "evil.npy").read_bytes())
    with pytest.raises(ModelError, match="do not fit together"):
        classify.load(folder)


def test_arrays_that_do_not_fit_are_refused(folder: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "small.npy", np.zeros((2, 2), dtype=np.float16))
    rewrite(folder, "weights.npy", (tmp_path / "small.npy").read_bytes())
    with pytest.raises(ModelError, match="do not fit together"):
        classify.load(folder)


def test_a_half_written_model_does_not_load(model: TrainedModel, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = store._write

    def full_disk(path: Path, content: bytes) -> None:
        if path.name == "idf.npy":
            raise OSError("no space left")
        real(path, content)

    monkeypatch.setattr(store, "_write", full_disk)
    with pytest.raises(OSError, match="no space"):
        classify.save(model, folder)
    with pytest.raises(ModelError, match="manifest"):
        classify.load(folder)


def test_words_of_training_come_with_the_model(tmp_path: Path) -> None:
    texts, labels = examples(8)
    from nlp.classify.training import train

    trained = train(texts, labels, segmenter=Segmenter(["金水湾小区"]))
    store.save(trained, tmp_path)
    fresh = Segmenter()
    store.load(tmp_path, segmenter=fresh)
    assert "金水湾小区" in fresh.cut("我住金水湾小区")
