"""From what somebody typed to a plan that both engines translate word by word.

Fields: `any` (every word as often as it stands there, those of the title twice, and every other pair of characters
once), `words` (everything, in order, for phrases), `pinyin` (places), `sound` (title and place by sound), `ids`
(numbers). A plan is a tree of the nodes below. Most questions become one list of `any` per word, which finds and ranks
at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from .synonyms import Synonyms
from .text import is_han, normalise, parts, sound, words

PAIR_BOOST, SYNONYM_BOOST, FUZZY_BOOST, PINYIN_BOOST, ID_BOOST = 0.2, 0.6, 0.3, 1.0, 20.0
STORY = 8  # a text of more words than this is a story, not a question
MOST_WORDS = 40  # a pasted complaint is cut here: more words find nothing more and cost time
LONGEST = 2000  # characters of a question that are read
LONGEST_WORD = 30  # a run of the same character is one word, which would be asked for pair by pair


@dataclass(frozen=True, slots=True)
class Word:
    """Documents with exactly this word in `field`."""

    field: str
    text: str
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Documents with a word one edit away."""

    field: str
    text: str
    boost: float = FUZZY_BOOST


@dataclass(frozen=True, slots=True)
class Phrase:
    """Documents with these words one after the other."""

    field: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least `least` of the children; the scores add up."""

    children: tuple[Node, ...]
    least: int = 1


@dataclass(frozen=True, slots=True)
class AllOf:
    children: tuple[Node, ...]
    without: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """The documents that `node` finds, scored by `by` (the sum of those that apply) and by the single words among what
    `node` requires; the rest of `node` does not score."""

    node: Node
    by: tuple[Node, ...]


Node = Word | Fuzzy | Phrase | AnyOf | AllOf | Ranked


class Stage(Enum):
    """How literally the words are taken. Each later stage is tried only when the one before found nothing."""

    EXACT = ""
    SPELLING = "spelling"
    SOME = "some words"


STAGES = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Plan:
    node: Node | None  # None: everything
    sought: tuple[str, ...]  # what to highlight
    ranked: bool = False  # whether some found documents fit better than others


_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|「([^」]+)」')
_EXCLUDED = re.compile(r"(?:^|\s)[-－]([^\s\d][^\s]*)")
_SPLIT = re.compile(r"[\s-]+")
_LONG_NUMBER = 12  # shorter ones are telephone numbers or house numbers beside each other
_NUMBER = re.compile(r"^[0-9a-z][0-9a-z_/#.-]{4,63}$")


def plan(text: str, stage: Stage, synonyms: Synonyms, *, loose: bool = False, least: int = 0) -> Plan:
    """The plan for a typed question: words, "a phrase", -excluded, or a number."""
    typed = normalise(text).strip()[:LONGEST]
    quoted = [next(part for part in found.groups() if part) for found in _QUOTED.finditer(typed)]
    rest = _QUOTED.sub(" ", typed)
    excluded = _EXCLUDED.findall(rest)
    rest = _EXCLUDED.sub(" ", rest)
    tokens = {token: synonyms.of(token) for token in _tokens(rest, stage)}
    some = stage is Stage.SOME or (loose and bool(least or len(tokens) > 2))
    required: list[Node] = [Phrase("words", found) for part in quoted if (found := tuple(words(part)))]
    by = [*required, *(node for token, others in tokens.items() for node in _scores(token, stage, others, some=some))]
    if tokens:
        matches = [_match(token, stage, others) for token, others in tokens.items()]
        required += [_some_of(matches, least)] if some and len(matches) > 1 else matches
    without = tuple(Word("any", word) for part in excluded for word in words(part))
    node: Node | None = AllOf(tuple(required), without) if required or without else None
    if node and (by or tokens):
        node = Ranked(node, tuple(by))
    numbers = [Word("ids", number, ID_BOOST) for number in numbers_of(typed)]
    if numbers:
        node = AnyOf((*numbers, node)) if node else AnyOf(tuple(numbers))
    sought = (*_sought(tokens), *(word for part in quoted for word in words(part)))
    ranked = bool(by or tokens or numbers)
    return Plan(node, tuple(dict.fromkeys(sought)), ranked)


def numbers_of(typed: str) -> list[str]:
    """`typed` as a number of a ticket: as it is, and without the blanks and hyphens it was read out or copied with."""
    found = [typed] if _NUMBER.match(typed) and any(letter.isdigit() for letter in typed) else []
    bare = _SPLIT.sub("", typed)
    if bare != typed and bare.isdigit() and len(bare) >= _LONG_NUMBER:
        found.append(bare)
    return found


def like(ranked: Callable[[list[str]], list[str]], title: str, body: str, most: int = 12) -> Node | None:
    """A plan for documents that share several of the most telling words; `ranked` orders words by how telling."""
    found = list(dict.fromkeys(words(title + " " + body)))
    telling = ranked([word for word in found if len(word) > 1])[:most]
    if not telling:
        return None
    return AnyOf(tuple(Word("words", word) for word in telling), least=max(1, round(len(telling) * 0.3)))


def _tokens(text: str, stage: Stage) -> list[str]:
    found = words(text)
    if stage is not Stage.EXACT:
        found = _rejoin(found)
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in found))[:MOST_WORDS]


def _rejoin(tokens: list[str]) -> list[str]:
    """Puts runs of single characters together: a misspelt word falls apart when it is segmented (躁 声 → 躁声)."""
    joined: list[str] = []
    run = ""
    for token in [*tokens, ""]:
        if len(token) == 1 and is_han(token):
            run += token
            continue
        if run:
            joined.append(run)
        run = ""
        if token:
            joined.append(token)
    return joined


def _some_of(clauses: list[Node], least: int) -> Node:
    """Of a question two words in five; of a story, where most words are beside the point, any three."""
    share = max(1, len(clauses) * 2 // 5) if len(clauses) <= STORY else 3
    return AnyOf(tuple(clauses), least=least or share)


def _match(token: str, stage: Stage, others: tuple[str, ...]) -> Node:
    """What counts as finding one word of the question."""
    # of a longer word all its pairs are asked for: it is found also where it was cut otherwise (郑州|市政府)
    choices: list[Node] = [AllOf(_pairs(token)) if parts(token) else Word("any", token)]
    choices += [_synonym(other) for other in others]
    if _typed_place(token):
        choices.append(Word("pinyin", token, PINYIN_BOOST))
    if stage is not Stage.EXACT:
        choices += _misspelt(token)
    return choices[0] if len(choices) == 1 else AnyOf(tuple(choices))


def _scores(token: str, stage: Stage, others: tuple[str, ...], *, some: bool) -> list[Node]:
    """What one word of the question adds to a document's score, beside being required as a single word."""
    if not some and isinstance(_match(token, stage, others), Word):
        return []
    found: list[Node] = [Word("any", token)]
    if some or stage is not Stage.EXACT:
        found += _pairs(token)
    found += [_synonym(other) for other in others]
    if _typed_place(token):
        found.append(Word("pinyin", token, PINYIN_BOOST))
    if stage is not Stage.EXACT:
        found += _misspelt(token)
    return found


def _pairs(token: str) -> tuple[Node, ...]:
    return tuple(Word("any", piece, PAIR_BOOST) for piece in parts(token))


def _typed_place(token: str) -> bool:
    return token.isascii() and token.isalpha() and len(token) > 1


def _synonym(text: str) -> Node:
    found = words(text)
    if len(found) == 1:
        return Word("any", found[0], SYNONYM_BOOST)
    return Phrase("words", tuple(found))


def _misspelt(token: str) -> list[Node]:
    choices: list[Node] = []
    if is_han(token) and len(token) > 1:
        choices.append(Word("sound", sound(token), FUZZY_BOOST))
        choices.extend(_pairs(token))
    if len(token) >= (3 if is_han(token) else 4):
        choices.append(Fuzzy("words", token))
        if token.isascii():
            choices.append(Fuzzy("pinyin", token))
    return choices


def _sought(tokens: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [word for token, others in tokens.items() for word in (token, *others)]
