"""Near-identical texts: the same complaint sent twice, or with a word changed. They must never straddle two folds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

#: Cosine of weighted character triples from which two texts count as the same.
SAME = 0.5
#: Triples in more texts than this join nothing: they are turns of phrase.
COMMON = 300
_CHUNK = 1000


def near_duplicates(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """A group number per text; texts with the same number are identical or nearly so, directly or through others."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components
    from sklearn.feature_extraction.text import TfidfVectorizer

    number = len(texts)
    plain = ["".join(text.split()) for text in texts]
    vectorizer = TfidfVectorizer(
        analyzer="char", ngram_range=(3, 3), min_df=2, max_df=COMMON, sublinear_tf=True, norm=None, dtype=np.float32
    )
    _, identical = np.unique(np.array(plain, dtype=object), return_inverse=True)
    try:
        rows = vectorizer.fit_transform(plain)
    except ValueError:  # no triple occurs twice: nothing is alike
        return identical.astype(np.int64)
    lengths = np.maximum(np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel()), 1e-9)
    rows = sparse.csr_matrix(sparse.diags(1 / lengths) @ rows)
    columns = sparse.csr_matrix(rows.T)
    links = [np.column_stack([np.arange(number), _first_of(identical)])]
    for start in range(0, number, _CHUNK):
        alike = (rows[start : start + _CHUNK] @ columns).tocoo()
        close = alike.data >= SAME
        links.append(np.column_stack([alike.row[close] + start, alike.col[close]]))
    pairs = np.concatenate(links)
    graph = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(number, number))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _first_of(groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    _, first = np.unique(groups, return_index=True)
    return np.asarray(first[groups], dtype=np.int64)
