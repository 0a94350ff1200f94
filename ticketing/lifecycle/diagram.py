"""The lifecycle drawn from the transition table: a Mermaid diagram for the docs, and the table as Markdown."""

from __future__ import annotations

from ticketing.terms import ENDED, Status

from .table import MOVES, Capacity, Move

BEGIN, END = "<!-- lifecycle: begin -->", "<!-- lifecycle: end -->"


def mermaid() -> str:
    """A state diagram of every row that changes the status; rows between the same two states share an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for move in MOVES:
        if move.target is not None and move.target != move.source:
            key = (str(move.source or "[*]"), str(move.target))
            arrows.setdefault(key, []).append(str(move.action.label))
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{status.label}" as {_name(status)}' for status in Status]
    for (source, target), labels in arrows.items():
        origin = source if source == "[*]" else _name(source)
        lines.append(f"    {origin} --> {_name(target)}: {'、'.join(dict.fromkeys(labels))}")
    return "\n".join(lines)


def _name(status: str) -> str:
    return f"s_{status}"


def table() -> str:
    """Every row: action, from, to, who, clocks."""
    rows = ["| action | from | to | who | starts | stops |", "|---|---|---|---|---|---|"]
    grouped: dict[tuple[object, ...], list[Move]] = {}
    for move in MOVES:
        grouped.setdefault((move.action, move.target, move.who, move.starts, move.stops), []).append(move)
    for (_, target, who, starts, stops), moves in grouped.items():
        move = moves[0]
        sources = "、".join(Status(item.source).label if item.source else "（新）" for item in moves)
        cells = (
            f"`{move.action}` {move.action.label}",
            sources if len(moves) < len(ENDED) * 2 else "任何状态",
            Status(str(target)).label if target else "不变",
            "、".join(sorted(str(Capacity(item).label) for item in who)),  # type: ignore[attr-defined]
            "、".join(clock.label for clock in starts),  # type: ignore[attr-defined]
            "、".join(clock.label for clock in stops) if len(stops) < 8 else "全部",  # type: ignore[arg-type,attr-defined]
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def section() -> str:
    """What stands between the markers in docs/architecture.md."""
    return f"{BEGIN}\n\n```mermaid\n{mermaid()}\n```\n\n{table()}\n\n{END}"


def put_into(text: str) -> str:
    """The document with its section made anew. Raises ValueError when the markers are missing."""
    return renewed(text, BEGIN, END, section())


def renewed(text: str, begin: str, end: str, content: str) -> str:
    """`text` with `content` in place of everything from the mark `begin` to the mark `end`."""
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the document has no {begin} … {end}")
    return f"{before}{content}{after}"
