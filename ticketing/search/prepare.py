"""What the engines store of a document: the text fields, segmented."""

from __future__ import annotations

from dataclasses import dataclass

from .documents import Document
from .text import normalise, pairs, place_names, sound, spellings, words


@dataclass(frozen=True, slots=True)
class Prepared:
    """Each field is a text whose words are separated by spaces; `suggest` holds single completions."""

    words: str
    any: str
    sound: str
    pinyin: str
    ids: tuple[str, ...]
    suggest: tuple[str, ...]


def prepare(document: Document) -> Prepared:
    title, place, body = words(document.title), words(document.place), words(document.body)
    everything = [*title, *body, *place]
    known = set(everything)
    names = place_names(place)
    pieces = pairs(f"{document.title}\n{document.body}\n{document.place}")
    sounds = [sound(word) for word in dict.fromkeys([*title, *names]) if len(word) > 1]
    spelt = {name: spellings(name) for name in names}
    return Prepared(
        words=" ".join(everything),
        any=" ".join([*everything, *title, *(piece for piece in pieces if piece not in known)]),
        sound=" ".join(filter(None, dict.fromkeys(sounds))),
        pinyin=" ".join(dict.fromkeys(spelling for found in spelt.values() for spelling in found)),
        ids=tuple(dict.fromkeys(normalise(part) for part in (document.number, document.external_id) if part)),
        suggest=_completions(title, names, spelt),
    )


def _completions(title: list[str], place: list[str], spelt: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Words to complete, and "pinyin|place" pairs so that a place is found by how it is typed."""
    plain = [word for word in (*title, *place) if len(word) > 1 and not word.isdigit()]
    typed = [f"{found[0]}|{word}" for word, found in spelt.items() if found]
    return tuple(dict.fromkeys((*plain, *typed)))
