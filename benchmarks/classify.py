"""Segmentation and classification on real complaints, beside plain ceilings, in one run.

    python benchmarks/classify.py DATA_FOLDER [--seeds 2]

`DATA_FOLDER` holds labelled_complaints.csv (text, category) and taxonomy.csv (level1, level2, level3). Prints JSON.
Folds are grouped: identical and near-identical texts never straddle them. All that learns does so inside its fold; the
calibration and the threshold that judge a fold come from the other folds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from nlp import taxonomy  # noqa: E402
from nlp.classify import measures, store, tables  # noqa: E402
from nlp.classify.coldstart import ColdStart  # noqa: E402
from nlp.classify.counts import count  # noqa: E402
from nlp.classify.groups import near_duplicates  # noqa: E402
from nlp.classify.subjects import Subjects, shipped_keywords  # noqa: E402
from nlp.classify.training import FOLDS, assign_folds, cross_validate, train  # noqa: E402
from nlp.segment import FastEngine, ReferenceEngine, default_segmenter  # noqa: E402


def silent(step: str, share: float) -> None:
    """Progress that nobody reads."""


def segmentation(texts: list[str]) -> dict[str, Any]:
    """Are the words identical to jieba's, and how much faster do they come?"""
    reference, fast = ReferenceEngine(), FastEngine()
    fast.cut("预热")
    started = time.process_time()
    ours = [fast.cut(text) for text in texts]
    middle = time.process_time()
    theirs = [reference.cut(text) for text in texts]
    ended = time.process_time()
    characters = sum(map(len, texts))
    return {
        "texts": len(texts),
        "characters": characters,
        "identical_texts": sum(a == b for a, b in zip(ours, theirs, strict=True)),
        "jieba_characters_per_second": round(characters / (ended - middle)),
        "ours_characters_per_second": round(characters / (middle - started)),
        "times_faster": round((ended - middle) / (middle - started), 1),
    }


def plain_baseline(texts: list[str], truth: Any, folds: Any, number: int) -> dict[str, Any]:
    """jieba words, 1-2-gram TF-IDF, LinearSVC: what everybody tries first."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    segmenter = default_segmenter()
    spaced = [" ".join(segmenter.words(text)) for text in texts]
    predicted = np.zeros(len(texts), dtype=np.int64)
    spent = []
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        vectorizer = TfidfVectorizer(
            token_pattern=r"(?u)\S+", ngram_range=(1, 2), min_df=2, sublinear_tf=True, lowercase=False
        )
        model = LinearSVC().fit(vectorizer.fit_transform([spaced[at] for at in inside]), truth[inside])
        predicted[outside] = model.predict(vectorizer.transform([spaced[at] for at in outside]))
        started = time.process_time()
        for at in outside[:100]:
            model.predict(vectorizer.transform([" ".join(segmenter.words(texts[at]))]))
        spent.append((time.process_time() - started) * 10)
    rows = measures.per_class(truth, predicted, [str(at) for at in range(number)])
    return {
        "macro_f1": measures.macro_f1(rows),
        "accuracy": float((predicted == truth).mean()),
        "ms_per_text": float(np.median(spent)),
    }


def ours(texts: list[str], counted: Any, truth: Any, folds: Any, names: list[str]) -> dict[str, Any]:
    """The trained engine on the same folds."""
    held_out = cross_validate(counted, truth, folds, len(names), silent)
    summary = measures.summary(truth, held_out.probabilities, names)
    right = held_out.probabilities.argmax(axis=1) == truth
    decided = measures.decided_share(held_out.decided, right, 0.0)
    confidence = held_out.probabilities.max(axis=1)
    best = measures.coverage_at(confidence, right, measures.threshold_for(confidence, right, 0.98))
    return {
        **{key: summary[key] for key in ("macro_f1", "accuracy", "top2_accuracy", "ece")},
        "coverage": decided.coverage,
        "precision_at_coverage": decided.precision,
        "coverage_at_98_chosen_on_itself": best.coverage,
    }


def product(texts: list[str], labels: list[str]) -> dict[str, Any]:
    """Training as the command does it, and the saved model: size, loading, one text at a time."""
    started = time.process_time()
    model = train(texts, labels)
    trained = time.process_time() - started
    with tempfile.TemporaryDirectory() as folder:
        store.save(model, folder)
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        started = time.process_time()
        loaded = store.load(folder)
        loading = time.process_time() - started
    sample = texts[:: max(1, len(texts) // 1000)]
    measured = tables.evaluate(loaded, sample, labels[:: max(1, len(texts) // 1000)])
    started = time.process_time()
    for text in sample:
        loaded.classify(text)
    explained = (time.process_time() - started) * 1000 / len(sample)
    return {
        "train_cpu_seconds": round(trained, 1),
        "model_mb": round(size / 1e6, 1),
        "load_cpu_seconds": round(loading, 2),
        "ms_per_text": round(measured["ms_per_text"], 2),
        "ms_per_text_with_words": round(explained, 2),
    }


def import_seconds() -> float:
    """CPU of importing every module of the package's doors in a fresh interpreter, without the interpreter's start."""
    code = (
        "import time; t=time.process_time();"
        "import nlp, nlp.classify, nlp.segment, nlp.taxonomy, nlp.keywords, nlp.classify.coldstart,"
        "nlp.classify.drift, nlp.classify.champion;"
        "print(time.process_time()-t)"
    )
    runs = [
        float(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    return round(min(runs), 3)


def keyword_count(tree: taxonomy.Taxonomy) -> list[tuple[str, set[str]]]:
    """Each first-level class with the words of its own and its children's names."""
    segmenter = default_segmenter()
    return [
        (
            top.label,
            {
                word
                for category in (top, *tree.below(top))
                for word in segmenter.words(category.name)
                if len(word) > 1 and category.name != "其他"
            },
        )
        for top in tree.level(1)
    ]


def cold_start(texts: list[str], labels: list[str], tree: taxonomy.Taxonomy) -> dict[str, Any]:
    """Without one example: counting the words of the categories' names, beside the cold start. All choose among all
    first-level classes; macro-F1 is over the classes that occur in the data."""
    words = keyword_count(tree)
    names = [label for label, _ in words]
    number = {name: at for at, name in enumerate(names)}
    truth = np.array([number[label] for label in labels])

    def f1(predicted: list[int]) -> dict[str, float]:
        found = np.array(predicted)
        rows = measures.per_class(truth, found, names)
        return {"macro_f1": measures.macro_f1(rows), "accuracy": float((found == truth).mean())}

    counts = [[sum(text.count(word) for word in own) for _, own in words] for text in texts]
    cold = ColdStart(tree)
    started = time.process_time()
    answers = [cold.classify(text) for text in texts]
    spent = time.process_time() - started
    decided = np.array([not answer.abstained for answer in answers])
    told = [number[answer.ranked[0].label] for answer in answers]
    return {
        "classes_to_choose_from": len(names),
        "keyword_count": f1([int(np.argmax(row)) for row in counts]),
        "ours": {
            **f1(told),
            "not_abstained": float(decided.mean()),
            "right_when_not_abstained": float((np.array(told) == truth)[decided].mean()),
            "ms_per_text": round(spent * 1000 / len(texts), 2),
        },
    }


#: The first level as another city might have named it.
OTHER_NAMES = {
    "城乡建设": "住房与城市管理",
    "劳动和社会保障": "就业社保",
    "教育文体": "学校教育与文化体育",
    "环境保护": "生态环境",
    "交通运输": "出行与快递",
    "卫生计生": "医疗健康",
    "商贸旅游": "市场消费与旅游",
    "农村农业": "三农",
    "政法": "公安司法",
    "民政": "民政救助",
    "党务政务": "政务服务",
    "经济管理": "金融财税",
    "纪检监察": "廉政监督",
    "国土资源": "自然资源",
    "科技与信息产业": "通信科技",
}


def elsewhere(texts: list[str], labels: list[str], tree: taxonomy.Taxonomy) -> dict[str, float]:
    """Macro-F1 of the cold start in a tree with names of its own: all levels below as they were, or none below; and on
    the third level of the tree as it is, judged by its first level."""
    renamed = [{"level1": OTHER_NAMES[c.path[0]], "level2": c.path[1], "level3": c.path[2]} for c in tree.level(3)]
    bare = [{"level1": name} for name in OTHER_NAMES.values()]
    other = [OTHER_NAMES[label] for label in labels]
    return {
        "renamed_first_level": _cold_f1(texts, other, ColdStart(taxonomy.from_rows(renamed[0], renamed))),
        "renamed_first_level_alone": _cold_f1(texts, other, ColdStart(taxonomy.from_rows(bare[0], bare))),
        "third_level": _cold_f1(texts, labels, ColdStart(tree, depth=3)),
    }


def _cold_f1(texts: list[str], labels: list[str], cold: ColdStart) -> float:
    names = sorted({label.split(taxonomy.SEPARATOR)[0] for label in cold.labels})
    number = {name: at for at, name in enumerate(names)}
    told = [number[cold.classify(text).ranked[0].label.split(taxonomy.SEPARATOR)[0]] for text in texts]
    truth = np.array([number[label] for label in labels])
    return measures.macro_f1(measures.per_class(truth, np.array(told), names))


def bounds(texts: list[str], labels: list[str], groups: Any) -> dict[str, Any]:
    """How often people disagree about the same text: pairs of near-identical texts with different labels."""
    pairs = unlike = 0
    members: dict[int, list[str]] = {}
    for group, label in zip(groups.tolist(), labels, strict=True):
        members.setdefault(group, []).append(label)
    for found in members.values():
        size = len(found)
        pairs += size * (size - 1) // 2
        unlike += size * (size - 1) // 2 - sum(n * (n - 1) // 2 for n in Counter(found).values())
    return {"near_identical_pairs": pairs, "labelled_differently": unlike, "share": round(unlike / max(pairs, 1), 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with labelled_complaints.csv and taxonomy.csv")
    parser.add_argument("--seeds", type=int, default=1, help="repeat the folds with so many different draws")
    chosen = parser.parse_args()
    texts, labels = tables.labelled(chosen.data / "labelled_complaints.csv", "text", "category")
    tree = taxonomy.read(chosen.data / "taxonomy.csv")
    names = sorted(set(labels))
    truth = np.array([names.index(label) for label in labels])
    groups = near_duplicates(texts)
    counted = count(texts, default_segmenter(), Subjects(shipped_keywords()), silent)
    runs = []
    for seed in range(chosen.seeds):
        folds = assign_folds(truth, groups, seed=seed)
        plain = plain_baseline(texts, truth, folds, len(names))
        runs.append({"seed": seed, "plain": plain, "ours": ours(texts, counted, truth, folds, names)})
    result = {
        "texts": len(texts),
        "groups": int(groups.max()) + 1,
        "segmentation": segmentation(texts),
        "trained": {"folds": FOLDS, "runs": runs, **product(texts, labels)},
        "cold_start": {**cold_start(texts, labels, tree), "elsewhere": elsewhere(texts, labels, tree)},
        "people_disagree": bounds(texts, labels, groups),
        "import_cpu_seconds": import_seconds(),
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
