import numpy as np
import pytest

from nlp import classify
from nlp.classify import ridge
from nlp.classify.groups import near_duplicates
from nlp.classify.trained import TrainedModel
from nlp.classify.training import TrainingError, _merged, assign_folds, describe
from tests.nlp.classify_examples import MATTERS, examples


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return classify.train(*examples())


@pytest.mark.parametrize("label", MATTERS)
def test_it_knows_a_text_it_has_not_seen(model: TrainedModel, label: str) -> None:
    result = model.classify(f"城西桥头{MATTERS[label][0]},老人小孩都受影响")
    assert result.best is not None
    assert result.best.label == label
    assert sum(one.probability for one in result.ranked) == pytest.approx(1)
    assert [one.probability for one in result.ranked] == sorted((o.probability for o in result.ranked), reverse=True)


def test_it_names_the_words_that_decided(model: TrainedModel) -> None:
    best = model.classify("城西桥头的路灯坏了三盏").best
    assert best is not None
    assert any("路灯" in term for term in best.top_terms)


def test_a_text_without_known_pieces_is_left_to_a_person(model: TrainedModel) -> None:
    for text in ("", "    ", "xyz", "ϕψω"):
        result = model.classify(text)
        assert result.abstained
        assert len(result.ranked) == len(MATTERS)


def test_it_abstains_below_its_threshold(model: TrainedModel) -> None:
    result = model.classify("路灯坏了")
    assert result.threshold == model.threshold
    assert result.abstained == (result.ranked[0].probability < model.threshold)


def test_levels_add_up(model: TrainedModel) -> None:
    first = model.classify("路灯坏了三盏").at_level(1)
    assert {one.label for one in first} == {"城市管理", "社会保障", "教育"}
    assert first[0].label == "城市管理"
    assert sum(one.probability for one in first) == pytest.approx(1)


def test_a_title_counts_and_is_not_said_twice(model: TrainedModel) -> None:
    body = "希望有人来看看。"
    assert model.classify(body, title="公司拖欠工资").ranked[0].label == "社会保障/工资"
    text = "公司拖欠工资,希望有人来看看。"
    assert model.classify(text, title="公司拖欠工资") == model.classify(text)


def test_one_text_or_many_give_the_same(model: TrainedModel) -> None:
    result = model.classify("摊贩占道经营")
    together = model.probabilities("摊贩占道经营")
    assert {one.label: one.probability for one in result.ranked} == pytest.approx(
        dict(zip(model.labels, together, strict=True))
    )


def test_numbers_of_people_do_not_enter_the_model() -> None:
    texts, labels = examples()
    model = classify.train([f"{text}电话037112345678" for text in texts], labels)
    assert not any("12345678" in piece for pieces in model.parts.vocabulary for piece in pieces)


def test_the_report_says_what_was_reached(model: TrainedModel) -> None:
    report = model.report
    assert report["texts"] == 120
    assert 0.9 < report["macro_f1"] <= 1
    assert 0 <= report["ece"] < 0.5
    assert set(report["coverage_at_precision"]) == {"0.95", "0.98"}
    assert np.array(report["confusion"]).sum() == 120
    assert sum(one["texts"] for one in report["per_class"].values()) == 120


def test_progress_is_told() -> None:
    steps: list[tuple[str, float]] = []
    classify.train(*examples(6), progress=lambda step, share: steps.append((step, share)))
    assert {"counting", "cross-validating", "fitting", "done"} <= {step for step, _ in steps}
    assert all(0 <= share <= 1 for _, share in steps)


@pytest.mark.parametrize(
    ("texts", "labels", "says"),
    [
        (["a"], ["x", "y"], "1 texts, 2 labels"),
        (["路灯"] * 9, ["x"] * 9, "two different labels"),
        (["路灯"] * 12, ["x"] * 8 + ["y"] * 4, "two labels need 5 texts or more; the most frequent have x 8, y 4"),
    ],
)
def test_what_cannot_train_is_refused(texts: list[str], labels: list[str], says: str) -> None:
    with pytest.raises(TrainingError, match=says):
        classify.train(texts, labels)


def test_groups_need_one_entry_per_text() -> None:
    with pytest.raises(TrainingError):
        classify.train(*examples(6), groups=["a"])


def test_near_identical_texts_are_one_group() -> None:
    first = "陇海路与大学路口的路灯连着三个晚上不亮,老人出门摔倒,请尽快派人维修。"
    second = first.replace("三个", "四个") + "谢谢!"
    other = "公司从三月起拖欠十二名农民工的工资,老板电话不接,请帮助讨回血汗钱。"
    groups = near_duplicates([first, other, second, other, "完全不同的一句话,说的是学校食堂。"])
    assert groups[0] == groups[2]
    assert groups[1] == groups[3]
    assert len(set(groups)) == 3


def test_texts_with_nothing_in_common_are_alone() -> None:
    assert len(set(near_duplicates(["路灯", "工资", "学校"]))) == 3


def test_given_groups_join_groups_found() -> None:
    merged = _merged(np.array([0, 0, 1, 2, 3]), ["a", "b", "b", "c", "c"])
    assert merged[0] == merged[1] == merged[2]
    assert merged[3] == merged[4]
    assert merged[0] != merged[3]


def test_groups_never_straddle_folds_and_classes_are_spread() -> None:
    truth = np.array([0, 1] * 50)
    groups = np.repeat(np.arange(50), 2)
    folds = assign_folds(truth, groups)
    assert all(len(set(folds[groups == group])) == 1 for group in range(50))
    assert all((folds == fold).sum() == 20 for fold in range(5))


def test_training_twice_gives_the_same() -> None:
    texts, labels = examples(8)
    one, two = classify.train(texts, labels), classify.train(texts, labels)
    assert (one.parts.weights == two.parts.weights).all()
    assert one.threshold == two.threshold


def test_the_data_hash_changes_with_the_data() -> None:
    one = describe(["甲", "乙"], ["x", "y"])
    assert one == describe(["甲", "乙"], ["x", "y"])
    assert one != describe(["甲", "乙"], ["y", "x"])
    assert one != describe(["甲乙", ""], ["x", "y"])


def test_a_rare_label_is_learnt_without_drowning_the_others() -> None:
    texts, labels = examples(10)
    model = classify.train([*texts, "水库大坝渗水"], [*labels, "水利"])
    assert model.classify("水库大坝渗水了").ranked[0].label == "水利"
    assert model.classify("路灯坏了三盏").ranked[0].label == "城市管理/市容/路灯"


def test_many_labels_are_solved_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, labels = examples(8)
    before = classify.train(texts, labels).parts.weights.astype(float)
    monkeypatch.setattr(ridge, "_MANY_CLASSES", 1)
    at_once = classify.train(texts, labels).parts.weights.astype(float)
    assert np.abs(before - at_once).max() < 0.01
