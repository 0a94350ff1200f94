"""What we answer, made with the SDK's own element classes. Pure: settings and texts in, XML out."""

from __future__ import annotations

from urllib.parse import urlencode

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

LANGUAGE = "cmn-CN"
RING_SECONDS = 25


def room(call: str) -> str:
    """The name of a call's conference."""
    return f"room-{call}"


def link(base: str, step: str, **about: str) -> str:
    """The address of a step. Never a number in it: addresses end up in logs."""
    return f"{base}{step}?{urlencode(about)}" if about else f"{base}{step}"


def say(response: VoiceResponse | Gather, text: str) -> None:
    response.say(text, language=LANGUAGE)


def greet(base: str, welcome: str, queue: str) -> str:
    """The greeting (the call is recorded), then the queue: no menu before the agent."""
    response = VoiceResponse()
    say(response, welcome)
    response.enqueue(queue, action=f"{base}left", wait_url=f"{base}wait", method="POST", wait_url_method="POST")
    return str(response)


def wait(base: str, position: str) -> str:
    """Plays while waiting; 1 asks for a call-back and keeps the place, 9 goes to 110."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, action=f"{base}key", timeout=8, input="dtmf")
    where = f"您前面还有{max(0, int(position) - 1)}位，" if position.isdigit() else ""
    say(gather, f"{where}请稍候。按一，我们按顺序给您回电；遇到危险请按九。")
    response.append(gather)
    response.redirect(f"{base}wait", method="POST")
    return str(response)


def leave() -> str:
    response = VoiceResponse()
    response.leave()
    return str(response)


def seat(base: str, call: str, extension: str, leg: str) -> str:
    """The agent's leg: into the call's conference, recorded; when the agent leaves, the talk is over."""
    response = VoiceResponse()
    dial = Dial(action=f"{base}seat-done", method="POST")
    dial.conference(
        room(call), beep=False, start_conference_on_enter=True, end_conference_on_exit=True,
        record="record-from-start", recording_status_callback=link(base, "recording", call=call),
        recording_status_callback_method="POST", status_callback_event="join leave",
        status_callback=link(base, "room", call=call, seat=extension, leg=leg), status_callback_method="POST",
    )  # fmt: skip
    response.append(dial)
    return str(response)


def meet(base: str, call: str) -> str:
    """The caller's leg, moved out of the queue: into the conference; afterwards `talked` asks for the rating."""
    response = VoiceResponse()
    dial = Dial(action=f"{base}talked", method="POST")
    dial.conference(room(call), beep=False, start_conference_on_enter=True, end_conference_on_exit=True)
    response.append(dial)
    return str(response)


def nothing() -> str:
    return str(VoiceResponse())


def rate(base: str, text: str) -> str:
    response = VoiceResponse()
    gather = Gather(num_digits=1, action=f"{base}rated", timeout=8, input="dtmf")
    say(gather, text)
    response.append(gather)
    response.hangup()
    return str(response)


def goodbye(text: str = "") -> str:
    response = VoiceResponse()
    if text:
        say(response, text)
    response.hangup()
    return str(response)


def transfer(base: str, call: str, number: str) -> str:
    """To 110 or a peer; `party` hears when they answer, `transferred` brings the caller back when nobody does."""
    response = VoiceResponse()
    dial = Dial(action=f"{base}transferred", method="POST", timeout=RING_SECONDS)
    dial.number(
        number, status_callback=link(base, "party", call=call, mode="blind"), status_callback_event="answered",
        status_callback_method="POST",
    )  # fmt: skip
    response.append(dial)
    return str(response)
