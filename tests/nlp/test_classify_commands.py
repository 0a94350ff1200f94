import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.nlp.classify_examples import examples


def write(path: Path, texts: list[str], labels: list[str], headings: tuple[str, str] = ("内容", "分类")) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([headings, *zip(texts, labels, strict=True)])
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classifier")
    write(folder / "train.csv", *examples(12))
    out = io.StringIO()
    call_command("train_classifier", folder / "train.csv", text="内容", label="分类", out=folder / "model", stdout=out)
    assert "48 texts, 4 labels" in out.getvalue()
    assert "cross-validating 20%" in out.getvalue()
    assert "macro-F1" in out.getvalue()
    return folder


def test_training_leaves_a_report_to_read(trained: Path) -> None:
    report = json.loads((trained / "model" / "report.json").read_text("utf-8"))
    assert {"macro_f1", "per_class", "confusion", "reliability", "coverage_at_precision", "ece"} <= report.keys()
    assert "各类别" in (trained / "model" / "report.md").read_text("utf-8")


def test_evaluation_answers_with_the_agreed_keys(trained: Path) -> None:
    path = write(trained / "test.csv", *examples(5, seed=9))
    out = io.StringIO()
    call_command("evaluate_classifier", path, text="内容", label="分类", model=trained / "model", json=True, stdout=out)
    measured = json.loads(out.getvalue())
    wanted = {"macro_f1", "accuracy", "ece", "coverage", "precision_at_coverage", "per_class", "ms_per_text"}
    assert wanted <= measured.keys()
    assert measured["macro_f1"] > 0.9
    assert measured["texts"] == 20


def test_evaluation_as_lines(trained: Path) -> None:
    path = write(trained / "test.csv", *examples(5, seed=9))
    out = io.StringIO()
    call_command("evaluate_classifier", path, text="内容", label="分类", model=trained / "model", stdout=out)
    assert "macro_f1" in out.getvalue()
    assert "教育/招生 F1" in out.getvalue()


def test_a_label_that_the_model_does_not_know_counts_as_wrong(trained: Path) -> None:
    path = write(trained / "new.csv", ["路灯坏了三盏", "河水发黑有臭味"], ["城市管理/市容/路灯", "环境保护"])
    out = io.StringIO()
    call_command("evaluate_classifier", path, text="内容", label="分类", model=trained / "model", json=True, stdout=out)
    measured = json.loads(out.getvalue())
    assert measured["accuracy"] == 0.5
    assert measured["per_class"]["环境保护"]["recall"] == 0


def test_classifying_adds_columns(trained: Path) -> None:
    path = trained / "new.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["编号", "内容", "label"], ["1", "工头欠农民工工资,\n不给", "旧"], ["2", "", ""]])
    call_command("classify", path, text="内容", model=trained / "model", out=trained / "out.csv", stdout=io.StringIO())
    with (trained / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["编号"] for row in rows] == ["1", "2"]
    assert rows[0]["label"] == "旧"
    assert rows[0]["model_label"] == "社会保障/工资"
    assert float(rows[0]["probability"]) > 0.4
    assert rows[0]["top_words"]
    assert rows[1]["abstained"] == "true"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "does not exist"),
        ("标题,分类\na,b\n", "has no column 内容; it has: 标题, 分类"),
        ("", "has no column 内容, 分类; it has: none"),
        ("内容,分类\n", "has a heading but no rows"),
        ("内容,分类\n,b\n", "no row has both"),
        ("内容,分类\na,b\n", "two different labels"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: str | None, says: str) -> None:
    path = tmp_path / "file.csv"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(CommandError, match=says):
        call_command("train_classifier", path, text="内容", label="分类", out=tmp_path / "model", stdout=io.StringIO())
    assert not (tmp_path / "model").exists()


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("内容,分类\n路灯,甲\n".encode("gb18030"))
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("train_classifier", path, text="内容", label="分类", out=tmp_path / "model", stdout=io.StringIO())


def test_a_model_that_is_none_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"manifest\.json is missing"):
        call_command("classify", trained / "train.csv", text="内容", model=tmp_path, out=tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_the_file_that_is_read_is_not_overwritten(trained: Path) -> None:
    path = trained / "train.csv"
    with pytest.raises(CommandError, match="name another one"):
        call_command("classify", path, text="内容", model=trained / "model", out=path)


def test_out_must_be_a_folder(trained: Path) -> None:
    with pytest.raises(CommandError, match="needs a folder"):
        call_command("train_classifier", trained / "train.csv", text="内容", label="分类", out=trained / "train.csv")
