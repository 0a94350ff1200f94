import csv
import io
import json
import shutil
from collections.abc import Callable
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
    out, told = io.StringIO(), io.StringIO()
    given = {"text": "内容", "label": "分类", "out": folder / "model"}
    call_command("train_classifier", folder / "train.csv", **given, stdout=out, stderr=told)
    assert "48 texts, 4 labels" in told.getvalue()
    assert "cross-validating 20%" in told.getvalue()
    assert "macro-F1" in out.getvalue()
    assert "cross-validating" not in out.getvalue(), "progress is no result"
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
    assert wanted == measured.keys()
    assert measured["macro_f1"] > 0.9
    assert sum(one["texts"] for one in measured["per_class"].values()) == 20


def test_evaluation_in_detail(trained: Path) -> None:
    path = write(trained / "test.csv", *examples(5, seed=9))
    given = {"text": "内容", "label": "分类", "model": trained / "model", "json": True, "details": True}
    out = io.StringIO()
    call_command("evaluate_classifier", path, **given, stdout=out)
    measured = json.loads(out.getvalue())
    assert measured["texts"] == 20
    assert 0 < measured["threshold"] <= 1.01
    assert sum(map(sum, measured["confusion"])) == 20


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
        ("", "the file is empty"),
        ("内容,分类\n", "has a heading but no rows"),
        ("内容,分类\n,b\n", "no row has both"),
        ("内容,分类\na,b\n", "two different labels"),
        ("内容,分类,分类\na,b,c\n", "has column 分类 more than once"),
        ("内容,分类\n" + "路灯坏了很久没人修,甲\n公司拖欠工资不发,甲\n" * 9, "two different labels"),
        ("内容,分类\n" + "路灯坏了很久没人修,甲\n路灯坏了很久没人修,乙\n" * 9, "too alike"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: str | None, says: str) -> None:
    path = tmp_path / "file.csv"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(CommandError, match=says):
        call_command("train_classifier", path, text="内容", label="分类", out=tmp_path / "model", stdout=io.StringIO())
    assert not (tmp_path / "model").exists()


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"PK\x03\x04" + "内容,分类\n路灯,甲\n".encode())
    with pytest.raises(CommandError, match="Excel workbook"):
        call_command("train_classifier", path, text="内容", label="分类", out=tmp_path / "model", stdout=io.StringIO())


def test_a_model_that_is_none_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"manifest\.json is missing"):
        call_command("classify", trained / "train.csv", text="内容", model=tmp_path, out=tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_the_file_that_is_read_is_not_overwritten(trained: Path) -> None:
    path = trained / "train.csv"
    with pytest.raises(CommandError, match="name another one"):
        call_command("classify", path, text="内容", model=trained / "model", out=path)


@pytest.mark.parametrize(
    ("out", "says"),
    [
        ("", "is a folder; name the CSV file to write"),
        ("none/out.csv", "does not exist; make .*none first"),
        ("train.csv/out.csv", "does not exist"),
    ],
)
def test_where_the_rows_cannot_go_is_said_first(trained: Path, out: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("classify", trained / "train.csv", text="内容", model=trained / "none", out=trained / out)


def test_a_row_without_text_has_no_label(trained: Path) -> None:
    path = write(trained / "bare.csv", ["  ", "路灯坏了三盏"], ["", ""])
    call_command("classify", path, text="内容", model=trained / "model", out=trained / "told.csv", stdout=io.StringIO())
    with (trained / "told.csv").open(encoding="utf-8", newline="") as file:
        bare, full = csv.DictReader(file)
    assert (bare["label"], bare["probability"], bare["abstained"], bare["top_words"]) == ("", "0.0000", "true", "")
    assert full["label"]


def test_a_folder_that_may_not_be_written_is_refused_before_training(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("ticketing.management.commands.train_classifier.tempfile.mkdtemp", refuse)
    with pytest.raises(CommandError, match="may not be written"):
        call_command("train_classifier", trained / "train.csv", text="内容", label="分类", out=trained / "model2")


def test_out_below_a_file_is_refused_before_training(trained: Path) -> None:
    path = trained / "train.csv"
    with pytest.raises(CommandError, match=r"train\.csv is a file; --out needs a folder"):
        call_command("train_classifier", path, text="内容", label="分类", out=path / "model")


def test_out_must_be_a_folder(trained: Path) -> None:
    with pytest.raises(CommandError, match="needs a folder"):
        call_command("train_classifier", trained / "train.csv", text="内容", label="分类", out=trained / "train.csv")


AWKWARD = [
    ("小区路灯坏了三盏\n“夜里”看不见, 请修", "城市管理/市容/路灯"),
    ("公司拖欠工资, 说“没钱”", "2"),
    ("孩子上不了小学, 划片不清楚", "教育 与 文体"),
]


def test_awkward_files_train(tmp_path: Path) -> None:
    """Byte order mark, quotes, line breaks in fields, empty lines, short and long rows, numbers as labels, a very long
    text, the same text under two labels."""
    path = tmp_path / "file.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["编号", "内 容", "标签"])
        for number in range(9):
            writer.writerows((f"{number}", f"{place}{text}", label) for place, (text, label) in enumerate(AWKWARD))
            file.write("\r\n")
        writer.writerows(
            [["只有编号"], ["1", "大桥" * 20_000, "2"], ["1", "路灯", "2", "多出来的"], ["1", "路灯", "教育 与 文体"]]
        )
    told = io.StringIO()
    given = {"text": "内 容", "label": "标签", "out": tmp_path / "model"}
    call_command("train_classifier", path, **given, stdout=io.StringIO(), stderr=told)
    assert "30 texts, 3 labels" in told.getvalue()
    out = io.StringIO()
    model = tmp_path / "model"
    call_command("evaluate_classifier", path, text="内 容", label="标签", model=model, json=True, stdout=out)
    assert set(json.loads(out.getvalue())["per_class"]) == {"城市管理/市容/路灯", "2", "教育 与 文体"}


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda model: (model / "weights.npy").write_bytes(b"x"), r"weights\.npy is not the file"),
        (lambda model: (model / "vocabulary.txt").unlink(), r"vocabulary\.txt is missing"),
        (lambda model: (model / "manifest.json").write_bytes(b"\xff\xfe"), "is not JSON"),
        (lambda model: (model / "manifest.json").write_text("[" * 100_000), "is not JSON"),
    ],
)
def test_a_damaged_model_is_refused(trained: Path, tmp_path: Path, damage: Callable[[Path], object], says: str) -> None:
    model = Path(shutil.copytree(trained / "model", tmp_path / "model"))
    damage(model)
    path = write(tmp_path / "test.csv", ["路灯坏了"], ["甲"])
    with pytest.raises(CommandError, match=says):
        call_command("evaluate_classifier", path, text="内容", label="分类", model=model, json=True)


def test_a_model_that_is_a_file_is_refused(trained: Path) -> None:
    path = trained / "train.csv"
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("evaluate_classifier", path, text="内容", label="分类", model=path, json=True)
