from dataclasses import replace

import numpy as np
import pytest

from nlp.classify import calibrate, measures, ridge
from nlp.classify.champion import ENOUGH, Opinion, Trial, contest, sign_test, try_both
from nlp.classify.drift import Limits, Window, class_mix, compare, share_at_least
from nlp.classify.page import page
from nlp.classify.result import Classification, Ranked


def test_macro_f1_by_hand() -> None:
    truth, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 0])
    rows = measures.per_class(truth, predicted, ["a", "b", "c", "d"])
    assert [row.texts for row in rows] == [3, 2, 1, 0]
    assert rows[0].precision == pytest.approx(2 / 3)
    assert rows[1].recall == 1
    assert [row.f1 for row in rows] == pytest.approx([2 / 3, 0.8, 0, 0])
    assert measures.macro_f1(rows) == pytest.approx((2 / 3 + 0.8 + 0) / 3)
    assert measures.confusion(truth, predicted, 3).tolist() == [[2, 1, 0], [0, 2, 0], [1, 0, 0]]


def test_calibration_error_by_hand() -> None:
    bins = measures.reliability(np.array([0.95, 0.95, 0.65, 1.0]), np.array([True, False, True, True]))
    assert [(one.texts, one.right) for one in bins] == [(1, 1.0), (3, pytest.approx(2 / 3))]
    assert measures.calibration_error(bins) == pytest.approx(0.25 * 0.35 + 0.75 * (0.9666667 - 2 / 3), abs=1e-4)


def test_threshold_is_the_lowest_that_holds() -> None:
    confidence = np.linspace(0.99, 0.01, 100)
    right = np.arange(100) < 60
    threshold = measures.threshold_for(confidence, right, 0.98)
    reached = measures.coverage_at(confidence, right, threshold)
    assert reached.precision >= 0.98
    assert reached.coverage == pytest.approx(0.61)


def test_no_threshold_when_nothing_is_sure() -> None:
    assert measures.threshold_for(np.linspace(0, 1, 100), np.zeros(100, dtype=bool), 0.98) == measures.NEVER
    few = np.ones(measures.FEWEST - 1)
    assert measures.threshold_for(few, few.astype(bool), 0.98) == measures.NEVER


def test_nothing_decided_is_not_wrong() -> None:
    assert measures.coverage_at(np.array([0.5]), np.array([False]), 0.9) == measures.Coverage(0.9, 0.0, 1.0)


def test_calibration_turns_scores_into_shares() -> None:
    chance = np.random.default_rng(3)
    scores = chance.normal(size=(4000, 3))
    true = np.exp(1.5 * scores) / np.exp(1.5 * scores).sum(axis=1, keepdims=True)
    classes = np.array([chance.choice(3, p=row) for row in true])
    found = calibrate.fit(scores, classes, 3).apply(scores)
    assert np.abs(found - true).mean() < 0.02
    assert found.sum(axis=1) == pytest.approx(np.ones(4000))


def test_many_classes_get_one_sharpness() -> None:
    chance = np.random.default_rng(4)
    classes = chance.integers(0, 40, 800)
    scores = np.eye(40)[classes] + chance.normal(size=(800, 40)) * 0.2
    fitted = calibrate.fit(scores, classes, 40)
    assert np.count_nonzero(fitted.matrix) == 40


def test_ridge_agrees_with_the_closed_form() -> None:
    from scipy import sparse

    chance = np.random.default_rng(5)
    rows = chance.normal(size=(90, 8)).astype(np.float32)
    classes = np.array([0] * 60 + [1] * 30)
    weights = ridge.fit(sparse.csr_matrix(rows), classes, 2)
    importance = np.diag(np.where(classes == 0, 90 / 120, 90 / 60))
    targets = np.where(classes[:, None] == [0, 1], 1.0, -1.0)
    exact = np.linalg.solve(rows.T @ importance @ rows + ridge.PENALTY * np.eye(8), rows.T @ importance @ targets)
    assert np.abs(weights - exact).max() < 0.01


def test_the_page_is_readable() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    report = {
        "folds": 5,
        "labels": ["a|b", "c"],
        "texts": 3,
        "threshold": measures.NEVER,
        "coverage": 0.0,
        "precision_at_coverage": 1.0,
        "coverage_at_precision": {"0.95": 0.1, "0.98": 0.0},
        **measures.summary(np.array([0, 1, 1]), probabilities, ["a|b", "c"]),
    }
    text = page(report)
    assert "不自动判定" in text
    assert "a\\|b" in text
    assert "| c | a\\|b | 1 |" in text


def window(labels: dict[str, int], confidence: float = 0.9, **others: int) -> Window:
    return Window(labels, [confidence] * sum(labels.values()), **others)


def test_same_traffic_raises_no_alarm() -> None:
    reference = window({"a": 500, "b": 500})
    drift = compare(reference, window({"a": 52, "b": 48}, reviewed=100, corrected=4))
    assert drift.alarms == ()
    assert drift.mix < 0.01
    assert drift.correction_share == 0.04


def test_each_alarm_names_its_figure() -> None:
    reference = window({"a": 900, "b": 100})
    now = window({"a": 100, "b": 200}, 0.7, abstained=60, reviewed=100, corrected=30)
    drift = compare(reference, now)
    assert [alarm.kind for alarm in drift.alarms] == ["mix", "confidence", "corrections"]
    assert drift.abstained_share == pytest.approx(0.2)
    assert all(alarm.value > alarm.limit for alarm in drift.alarms)
    assert "a -56.7%" in drift.alarms[0].detail


def test_few_texts_prove_nothing() -> None:
    reference = window({"a": 900, "b": 100})
    now = window({"b": 20}, 0.1, reviewed=20, corrected=20)
    assert compare(reference, now).alarms == ()
    assert compare(reference, now, Limits(fewest=10)).alarms


def test_class_mix_knows_new_and_gone_labels() -> None:
    assert class_mix({"a": 10}, {"a": 99}) == 0
    assert class_mix({"a": 50, "b": 50}, {"a": 50, "c": 50}) > 1
    assert class_mix({}, {"a": 1}) == 0


def test_shares_of_few_are_doubted() -> None:
    assert share_at_least(3, 4) < share_at_least(300, 400) < 0.75
    assert share_at_least(0, 0) == 0
    assert share_at_least(0, 50) == 0


def opinion(label: str, abstained: bool = False) -> Opinion:
    return Opinion(label, 0.9, abstained)


def test_a_better_challenger_is_named_only_when_sure() -> None:
    win = Trial(opinion("a"), opinion("b"), "b")
    same = Trial(opinion("a"), opinion("a"), "a")
    assert contest([win] * 10).better == ""
    sure = contest([win] * 20 + [same] * ENOUGH)
    assert sure.better == "challenger"
    assert sure.disagreed == 20
    assert sure.challenger.accuracy == 1
    assert (
        contest([Trial(t.challenger, t.champion, t.truth) for t in [win] * 20 + [same] * ENOUGH]).better == "champion"
    )


def test_equal_models_stay_undecided() -> None:
    trials = [Trial(opinion("a"), opinion("b"), "b"), Trial(opinion("a"), opinion("b"), "a")] * ENOUGH
    assert contest(trials).better == ""
    assert contest([]).doubt == 1


def test_unjudged_trials_count_only_as_disagreement() -> None:
    result = contest([Trial(opinion("a"), opinion("b")), Trial(opinion("a"), opinion("a", True), "a")])
    assert (result.judged, result.disagreed) == (1, 1)
    assert result.champion.coverage == 1
    assert result.challenger.coverage == 0
    assert result.challenger.precision_at_coverage == 1


def test_sign_test_by_hand() -> None:
    assert sign_test(0, 5) == pytest.approx(2 / 32)
    assert sign_test(5, 5) == 1


class Fixed:
    def __init__(self, *ranked: Ranked) -> None:
        self.answer = Classification(ranked, False, 0.5)

    def classify(self, text: str, *, title: str = "") -> Classification:
        return self.answer


def test_both_are_asked() -> None:
    trial = try_both(Fixed(Ranked("a", 0.9)), Fixed(), "路灯")
    assert trial == Trial(Opinion("a", 0.9, False), Opinion("", 0.0, True))


def test_with_many_labels_a_claim_comes_out_as_true_as_it_was() -> None:
    dice = np.random.default_rng(1)
    classes = dice.integers(50, size=3000)
    scores = dice.normal(size=(3000, 50))
    scores[np.arange(3000), classes] += 4.0
    # half of the texts speak in a low voice: one sharpness for all is wrong for both halves
    scores[dice.random(3000) < 0.5] *= 0.2
    calibration = calibrate.fit(scores[:2000], classes[:2000], 50)
    assert calibration.sure is not None
    fresh, truth = scores[2000:], classes[2000:]
    errors = []
    for one in (replace(calibration, sure=None), calibration):
        found = one.apply(fresh)
        assert found.sum(axis=1) == pytest.approx(1.0)
        errors.append(
            measures.calibration_error(measures.reliability(found.max(axis=1), found.argmax(axis=1) == truth))
        )
    assert errors[1] < min(0.03, 0.8 * errors[0])
    plain = replace(calibration, sure=None).apply(fresh)
    assert (plain.argsort(axis=1)[:, -5:] == calibration.apply(fresh).argsort(axis=1)[:, -5:]).all()
