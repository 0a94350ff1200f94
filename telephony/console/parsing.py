"""Reading what a page posted: one clear refusal for what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.http import HttpRequest

from telephony.console.access import Refused


def body(request: HttpRequest) -> Mapping[str, object]:
    try:
        loaded = json.loads(request.body or b"{}")
    except ValueError:
        raise Refused(400, "bad_json", "请求内容不是 JSON") from None
    if not isinstance(loaded, dict):
        raise Refused(400, "bad_json", "请求内容应为 JSON 对象")
    return loaded


def text(content: Mapping[str, object], name: str, most: int = 5000) -> str:
    value = content.get(name, "")
    if not isinstance(value, str) or len(value) > most:
        raise Refused(422, "bad_input", f"“{name}”应为不超过 {most} 字的文本")
    return value.strip()
