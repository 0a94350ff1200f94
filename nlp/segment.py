"""Words of a Chinese text, the same everywhere: classification, search, hot topics.

jieba 0.42 is the reference. The work is done by rjieba, which gives the same words about ten times faster once three
differences are removed here: runs of ASCII are split as jieba splits them, rare ideographs stand alone as in jieba, and
both get the same frequency for a word of the user dictionary. `ReferenceEngine` is jieba itself: the tests and
`benchmarks/classify.py` compare the two.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Protocol

#: What jieba takes for one block of text; everything else stands alone.
_BLOCK = r"\u4E00-\u9FD5a-zA-Z0-9+#&\._%\-"
_USER_WORD = re.compile(f"[{_BLOCK}]{{2,30}}")
_STRANGE = re.compile(f"[^{_BLOCK}]")
_ASCII_PARTS = re.compile(r"([a-zA-Z0-9]+(?:\.\d+)?%?)")
_HAN_OR_ASCII = re.compile("([\u4e00-\u9fd5]+)|([a-zA-Z0-9]+)")
#: Ideographs that jieba does not know as such and rjieba does.
_RARE = re.compile("[\u3400-\u4dbf\u9fd6-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
#: Words that both engines know though they are ASCII with signs.
_ASCII_WORDS = frozenset({"AT&T", "c#", "C#", "c++", "C++"})


def why_no_word(word: str) -> str:
    """Why the text can be no word of the user dictionary, in Chinese; "" when it can."""
    if len(word) < 2:
        return "至少两个字"
    if len(word) > 30:
        return "最多 30 个字"
    if found := _STRANGE.search(word):
        sign = "空格" if found.group().isspace() else f"“{found.group()}”"
        return f"不能含有{sign}；可用汉字、字母、数字和 + # & . _ % -"
    return ""


class Engine(Protocol):
    """What a segmenter needs of an engine."""

    def cut(self, text: str) -> list[str]: ...

    def every(self, ideographs: str) -> list[str]: ...

    def suggest(self, word: str) -> int: ...

    def add(self, word: str, frequency: int) -> None: ...


class ReferenceEngine:
    """jieba itself, with its own dictionary: slow, and the definition of what is right."""

    def __init__(self) -> None:
        import jieba

        jieba.setLogLevel(logging.WARNING)
        self._tokenizer: Any = jieba.Tokenizer()
        self._tokenizer.initialize()

    def cut(self, text: str) -> list[str]:
        words: list[str] = self._tokenizer.lcut(text)
        return words

    def every(self, ideographs: str) -> list[str]:
        starts: dict[int, list[int]] = self._tokenizer.get_DAG(ideographs)
        found = (ideographs[start : end + 1] for start, ends in starts.items() for end in ends)
        return [word for word in found if self._tokenizer.FREQ.get(word)]

    def suggest(self, word: str) -> int:
        return int(self._tokenizer.suggest_freq(word))

    def add(self, word: str, frequency: int) -> None:
        self._tokenizer.add_word(word, frequency)


class FastEngine:
    """rjieba, brought to jieba's output. A shared one uses the dictionary that the module loads anyway, so that words
    added to it are also known to whoever calls rjieba directly."""

    def __init__(self, *, shared: bool = False) -> None:
        import rjieba

        self._jieba: Any = rjieba if shared else rjieba.Jieba()
        self._whole: set[str] = set(_ASCII_WORDS)

    def cut(self, text: str) -> list[str]:
        if _RARE.search(text) is None:
            return self._cut_plain(text)
        words: list[str] = []
        start = 0
        for found in _RARE.finditer(text):
            words += self._cut_plain(text[start : found.start()])
            words.append(found.group())
            start = found.end()
        return words + self._cut_plain(text[start:])

    def every(self, ideographs: str) -> list[str]:
        words: list[str] = self._jieba.cut_all(ideographs)
        return words

    def _cut_plain(self, text: str) -> list[str]:
        words: list[str] = self._jieba.cut(text, True)
        if text.isascii() or any(len(word) > 1 and word.isascii() for word in words):
            return self._split_ascii(words)
        return words

    def _split_ascii(self, words: Iterable[str]) -> list[str]:
        result: list[str] = []
        for word in words:
            if len(word) > 1 and word.isascii() and not word.isalnum() and word not in self._whole:
                result += [part for part in _ASCII_PARTS.split(word) if part]
            else:
                result.append(word)
        return result

    def suggest(self, word: str) -> int:
        return int(self._jieba.suggest_freq(word))

    def add(self, word: str, frequency: int) -> None:
        self._jieba.add_word(word, frequency, None)
        if word.isascii():
            self._whole.add(word)


class Segmenter:
    """Cuts texts with one engine and one user dictionary, which may change while it runs.

    Words of the user dictionary are names of places, units, estates and roads, and an editable list. A change is
    atomic: a text is cut either without a word or with it. `again` makes the engine anew when words are taken out.
    """

    def __init__(
        self,
        words: Iterable[str] = (),
        *,
        engine: Callable[[], Engine] = FastEngine,
        again: Callable[[], Engine] | None = None,
    ) -> None:
        self._engine, self._again = engine(), again or engine
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._added: dict[str, int] = {}
        self._listed: frozenset[str] = frozenset()
        self.add_words(words)

    def cut(self, text: str) -> list[str]:
        """All words in order, blanks and punctuation included: joined, they are the text."""
        with self._lock:
            return self._engine.cut(text)

    def words(self, text: str) -> list[str]:
        """`cut` without blanks."""
        return [word for word in self.cut(text) if not word.isspace()]

    def every_word(self, text: str) -> list[str]:
        """Every dictionary word of `text`, single ideographs and overlaps too, by position; runs of ASCII letters
        and digits whole. Finds 公积金 inside a longer word that `cut` keeps together."""
        words: list[str] = []
        with self._lock:
            for ideographs, ascii_run in _HAN_OR_ASCII.findall(text):
                words += self._engine.every(ideographs) if ideographs else [ascii_run]
        return words

    def add_words(self, words: Iterable[str]) -> int:
        """Adds words to the user dictionary and says how many were new.

        A word has 2 to 30 ideographs, letters, digits or `+#&._%-`; names with other characters (blanks, brackets) can
        never be one word of a text and are left out.
        """
        return sum(self._add(word.strip()) for word in words)

    def _add(self, word: str, frequency: int | None = None) -> bool:
        if word in self._added or not _USER_WORD.fullmatch(word):
            return False
        with self._lock:
            self._added[word] = frequency = frequency or max(1, self._engine.suggest(word))
            self._engine.add(word, frequency)
        return True

    def add_weighted(self, words: Mapping[str, int]) -> int:
        """Adds words with the frequencies that another segmenter found for them, so that both cut alike."""
        return sum(self._add(word, frequency) for word, frequency in words.items())

    def use_list(self, words: Iterable[str], *, without: Iterable[str] = ()) -> bool:
        """The list is exactly `words` from now on: what was on it before and is no more goes, and so does what is
        `without`, whoever added it. Says whether anything changed.

        Processes that are given the same list cut alike, whatever they were given before: the engine is built anew (0.1
        s, others go on with the old one meanwhile) and takes the words in their order.
        """
        wanted, unwanted = frozenset(filter(_USER_WORD.fullmatch, words)), frozenset(without)
        with self._turn:
            added = self._added
            if wanted <= added.keys() and not (unwanted | (self._listed - wanted)) & added.keys():
                return False
            others = {word: often for word, often in added.items() if word not in self._listed | unwanted}
            if others.keys() != added.keys():
                self._rebuild(others)
            self._listed = wanted - others.keys()
            self.add_words(sorted(self._listed))
            return True

    def _rebuild(self, words: dict[str, int]) -> None:
        engine = self._again()
        for word, frequency in words.items():
            engine.add(word, frequency)
        with self._lock:
            self._engine, self._added = engine, dict(words)

    def user_words(self) -> dict[str, int]:
        """The user dictionary: each word with the frequency that makes it hold together."""
        return dict(self._added)


@cache
def default_segmenter() -> Segmenter:
    """The segmenter that the whole process shares. Built at first use (about 0.4 s)."""
    return Segmenter(engine=lambda: FastEngine(shared=True), again=FastEngine)


def segment(text: str) -> list[str]:
    """Words of `text` in order, blanks and punctuation included."""
    return default_segmenter().cut(text)


def add_words(words: Iterable[str]) -> int:
    """Adds words to the user dictionary that the whole process shares; says how many were new."""
    return default_segmenter().add_words(words)
