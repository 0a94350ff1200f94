"""Measure the search for hot topics: python benchmarks/hotspots.py DATA_FOLDER [--large N]. Prints JSON.

F1 of a topic is that of the best matching group; the mean is over the topics in hotspot_topics.json (ids only). The
baselines run in the same process on plain word TF-IDF. The large collection is made of the same messages with their
names changed and sentences left out, so that it has as many topics as it would have in life.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from nlp.hotspots import Hotspots, Item
from nlp.hotspots.files import read_csv
from nlp.hotspots.names import Names
from nlp.segment import segment as words

TOPICS: dict[str, list[str]] = json.loads((Path(__file__).parent / "hotspot_topics.json").read_text())
Groups = list[set[str]]


def f1(groups: Groups, topics: dict[str, list[str]]) -> dict[str, float]:
    """Best F1 of each topic over all groups."""
    return {
        topic: max(2 * len(group & set(ids)) / (len(group) + len(ids)) for group in groups)
        for topic, ids in topics.items()
        if ids
    }


def mean(values: dict[str, float]) -> float:
    return round(sum(values.values()) / len(values), 4)


def by_label(items: list[Item], labels: numpy.ndarray) -> Groups:
    groups: dict[int, set[str]] = {}
    for item, label in zip(items, labels.tolist(), strict=True):
        groups.setdefault(label, set()).add(item.id)
    return list(groups.values())


def baselines(items: list[Item]) -> dict[str, float]:
    """Average link and connected components on word TF-IDF, each at the best of its thresholds."""
    texts = [f"{item.title} {item.title} {item.title} {item.body}" for item in items]
    cut: Callable[[str], list[str]] = lambda text: [word for word in words(text) if len(word) > 1]  # noqa: E731
    matrix = TfidfVectorizer(analyzer=cut, sublinear_tf=True, max_df=0.15).fit_transform(texts)
    near = (matrix @ matrix.T).toarray()
    average, parts = [], []
    for limit in (0.16, 0.18, 0.2, 0.22, 0.25):
        model = AgglomerativeClustering(None, distance_threshold=1 - limit, metric="precomputed", linkage="average")
        average.append(mean(f1(by_label(items, model.fit_predict(1 - near)), TOPICS)))
    for limit in (0.3, 0.35, 0.4, 0.45):
        _, labels = connected_components(near >= limit)
        parts.append(mean(f1(by_label(items, labels), TOPICS)))
    return {"average_link_tfidf": max(average), "connected_components": max(parts)}


def stability(items: list[Item], rounds: int = 5) -> dict[str, object]:
    """How much of the first five topics is found again when a random tenth of the messages is gone."""
    whole = [set(spot.ids) for spot in Hotspots(items).find(top=5)]
    overlaps, kept = [], []
    for seed in range(rounds):
        left = random.Random(seed).sample(items, int(len(items) * 0.9))
        known = {item.id for item in left}
        again = [set(spot.ids) for spot in Hotspots(left).find(top=7)]
        best = [max(len(topic & known & other) / len((topic & known) | other) for other in again) for topic in whole]
        overlaps.append(sum(best) / len(best))
        kept.append(sum(value >= 0.5 for value in best))
    return {"mean_jaccard": round(sum(overlaps) / rounds, 4), "of_five_found_again": kept}


def enlarge(items: list[Item], size: int) -> list[Item]:
    """`size` messages: copies with other names, other callers and a fifth of the sentences left out."""
    names = Names.discover([(item.title, item.body) for item in items])
    found = sorted({name for item in items for name in names.find(item.title)[0]}, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, found)))
    made, dice = list(items[:size]), random.Random(1)
    copy = 0
    while len(made) < size:
        copy += 1
        sign = chr(0x5000 + copy * 7) + chr(0x6000 + copy * 5)
        rename = lambda text, sign=sign: pattern.sub(lambda m: sign + m.group()[-2:], text)  # noqa: E731
        for item in items[: size - len(made)]:
            body = "".join(part for part in re.split(r"(?<=[。！？，])", item.body) if dice.random() > 0.2)
            made.append(
                replace(
                    item,
                    id=f"{item.id}-{copy}",
                    caller=f"{item.caller}-{copy}",
                    title=rename(item.title),
                    body=rename(body),
                )
            )
    return made


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return round(time.perf_counter() - wall, 2), round(time.process_time() - cpu, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--large", type=int, default=100_000)
    options = parser.parse_args()
    items = read_csv(options.folder / "messages.csv")
    state = Hotspots(items)
    ours = f1([set(ids) for ids in state.groups()], TOPICS)
    large = enlarge(items, options.large)
    big = Hotspots()
    hour = large[-200:]
    result = {
        "messages": len(items),
        "topics": len(TOPICS),
        "mean_f1": mean(ours),
        "f1": {topic: round(value, 3) for topic, value in ours.items()},
        "baselines_mean_f1": baselines(items),
        "first_five": [(spot.place, spot.problem, spot.tickets, spot.heat) for spot in state.find(top=5)],
        "stability": stability(items),
        "seconds_small": timed(lambda: Hotspots(items).find(top=20)),
        "large": len(large),
        "seconds_large": timed(lambda: big.rebuild(large[:-200])),
        "seconds_large_find": timed(lambda: big.find(top=20)),
        "seconds_200_more": timed(lambda: big.add(hour)),
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
