"""What we answer, made with the SDK's own element classes. Pure: settings and texts in, XML out."""

from __future__ import annotations

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

LANGUAGE = "cmn-CN"


def say(response: VoiceResponse | Gather, text: str) -> None:
    response.say(text, language=LANGUAGE)


def greet(base: str, welcome: str, queue: str) -> str:
    """The greeting (the call is recorded), then the queue: no menu before the agent."""
    response = VoiceResponse()
    say(response, welcome)
    response.enqueue(queue, action=f"{base}left", wait_url=f"{base}wait", method="POST", wait_url_method="POST")
    return str(response)


def wait(base: str, position: str) -> str:
    """Plays while waiting; 1 asks for a call-back and keeps the place."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, action=f"{base}key", timeout=8, input="dtmf")
    where = f"您前面还有{max(0, int(position) - 1)}位，" if position.isdigit() else ""
    say(gather, f"{where}请稍候。按一，我们按顺序给您回电。")
    response.append(gather)
    response.redirect(f"{base}wait", method="POST")
    return str(response)


def leave() -> str:
    response = VoiceResponse()
    response.leave()
    return str(response)


def seat(queue: str, base: str, extension: str = "") -> str:
    """The agent's leg: takes the first of the queue, both sides recorded."""
    response = VoiceResponse()
    dial = Dial(
        record="record-from-answer-dual", recording_status_callback=f"{base}recording",
        recording_status_callback_method="POST", action=f"{base}seat-done", method="POST",
    )  # fmt: skip
    dial.queue(queue, url=f"{base}connected?seat={extension}", method="POST")
    response.append(dial)
    return str(response)


def connected() -> str:
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


def transfer(number: str, base: str) -> str:
    """To 110 or a peer; when nobody takes it the caller goes back to the queue's front (`transferred` decides)."""
    response = VoiceResponse()
    response.dial(number, action=f"{base}transferred", method="POST", timeout=25)
    return str(response)
