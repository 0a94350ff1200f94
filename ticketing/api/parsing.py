"""Action parameters from plain JSON to a typed command: one clear error for the first wrong field."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, Union, get_args, get_origin, get_type_hints

from ticketing.errors import BadInput
from ticketing.lifecycle.actions import COMMANDS
from ticketing.lifecycle.engine import Command

_NAMES = {str: "text", int: "a whole number", bool: "true or false", tuple: "a list"}


def command(action: str, raw: Mapping[str, object]) -> Command:
    """The command for `action`. Raises `BadInput` for an unknown action, field or type."""
    kind = COMMANDS.get(action)
    if kind is None:
        raise BadInput("action", f"不认识的动作：{action}", accepted=sorted(COMMANDS))
    known = {item.name: item for item in fields(kind)}
    for name in raw:
        if name not in known:
            raise BadInput(name, f"动作“{action}”没有参数“{name}”", accepted=sorted(known))
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, item in known.items():
        if name in raw:
            values[name] = convert(name, raw[name], hints[name])
        elif item.default is MISSING:
            raise BadInput(name, f"动作“{action}”缺少参数“{name}”")
    return kind(**values)


def convert(name: str, value: object, hint: Any) -> object:
    """`value` as the type `hint`, without guessing: "1" is not 1, and true is not 1 either."""
    if get_origin(hint) in (Union, types.UnionType):
        options = get_args(hint)
        if value is None and type(None) in options:
            return None
        hint = next(option for option in options if option is not type(None))
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise _wrong(name, tuple)
        inner = get_args(hint)[0]
        return tuple(convert(name, item, inner) for item in value)
    if hint is int and (isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**31):
        raise _wrong(name, int)
    if not isinstance(value, hint) or (isinstance(value, str) and not _storable(value)):
        raise _wrong(name, hint)
    return value


def _storable(text: str) -> bool:
    """JSON can spell half a character (`"\\ud800"`) and a zero byte; no database takes them."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _wrong(name: str, kind: type) -> BadInput:
    return BadInput(name, f"“{name}”应为 {_NAMES.get(kind, kind.__name__)}", accepted=_NAMES.get(kind, kind.__name__))
