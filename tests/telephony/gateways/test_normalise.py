"""Manager events, as a real Asterisk 22 sends them, to normalised events."""

from __future__ import annotations

from typing import Any

from telephony.ami import Message
from telephony.gateways.asterisk.known import seat_of
from telephony.gateways.asterisk.normalise import Normaliser
from telephony.gateways.asterisk.snapshot import read
from telephony.gateways.events import CallEvent, Happening, Kind, SeatEvent, SeatKind, TransferEvent, moment

CALLER, LEG = "n1-100.0", "n1-101.1"
CHANNEL = "PJSIP/carrier-00000000"
_clock = iter(range(1, 10_000))


def ev(name: str, **keys: str) -> Message:
    return Message("Event", name, {"Timestamp": f"1795379975.{next(_clock):06d}", "Linkedid": CALLER, **keys})


def feed(*messages: Message, normaliser: Normaliser | None = None) -> list[Happening]:
    found = normaliser or Normaliser("n1")
    return [item for message in messages for item in found.feed(message)]


def arrive(**keys: str) -> Message:
    facts = {"CallerIDNum": "13800000001", "Context": "from-trunk", **keys}
    return ev("Newchannel", Channel=CHANNEL, Uniqueid=CALLER, Exten="12345", **facts)


def connect() -> list[Message]:
    return [
        arrive(),
        ev("QueueCallerJoin", Queue="normal", Position="1", Uniqueid=CALLER),
        ev("Newchannel", Channel="PJSIP/8001-00000001", Uniqueid=LEG, Context="from-seat-internal"),
        ev("AgentCalled", Queue="normal", Interface="PJSIP/8001", DestUniqueid=LEG, DestChannel="PJSIP/8001-00000001"),
        ev("QueueCallerLeave", Queue="normal", Uniqueid=CALLER),
        ev("AgentConnect", Queue="normal", Interface="PJSIP/8001", DestUniqueid=LEG, DestChannel="PJSIP/8001-00000001"),
    ]


def kinds(items: list[Happening]) -> list[str]:
    return [str(item.kind) for item in items if isinstance(item, CallEvent)]


def test_seats_and_numbers() -> None:
    assert seat_of("PJSIP/8001-0000002a") == seat_of("PJSIP/8001") == "8001"
    assert seat_of(CHANNEL) == seat_of("Local/8001@x-1;1") == ""
    [known] = feed(arrive())
    [hidden] = feed(arrive(CallerIDNum="anonymous"))
    assert isinstance(known, CallEvent) and isinstance(hidden, CallEvent)
    assert (known.number, hidden.number, known.line) == ("13800000001", "", "12345")


def test_who_hands_us_the_caller() -> None:
    for context, sender in (("from-police", "110"), ("from-peer", "peer"), ("from-trunk", None)):
        [arrived] = feed(arrive(Context=context))
        assert isinstance(arrived, CallEvent) and arrived.data.get("origin") == sender


def test_a_talk_that_the_agent_ends() -> None:
    items = feed(
        *connect(),
        ev("AgentComplete", DestUniqueid=LEG, Reason="agent"),
        ev("Hangup", Uniqueid=LEG, Cause="16"),
        ev("UserEvent", UserEvent="HotlineRating", Callid=CALLER, Rating="4", Interface="PJSIP/8001"),
        ev("Hangup", Uniqueid=CALLER, Cause="16"),
    )
    assert kinds(items) == ["arrived", "queued", "ringing", "connected", "leg_ended", "rated", "ended"]
    ended = items[4]
    assert isinstance(ended, CallEvent) and ended.data["by"] == "agent" and ended.seat == "8001"
    assert isinstance(items[3], CallEvent) and items[3].at.microsecond > 0


def test_leaving_the_queue_is_no_outcome_and_an_abandon_is() -> None:
    items = feed(
        *connect()[:2],
        ev("QueueCallerAbandon", Queue="normal"),
        ev("QueueCallerLeave"),
        ev("Hangup", Uniqueid=CALLER, Cause="0"),
    )
    assert kinds(items) == ["arrived", "queued", "abandoned", "ended"]


def test_ratings_outside_one_to_five_and_foreign_calls_are_no_events() -> None:
    for rating in ("", "0", "6", "44"):
        assert kinds(feed(arrive(), ev("UserEvent", UserEvent="HotlineRating", Callid=CALLER, Rating=rating))) == [
            "arrived"
        ]
    assert feed(ev("UserEvent", UserEvent="HotlineLegLost", Callid="n1-9.9")) == []


def test_the_same_message_gives_the_same_key() -> None:
    message = arrive()
    one, two = feed(message), feed(message)
    assert isinstance(one[0], CallEvent) and isinstance(two[0], CallEvent) and one[0].key == two[0].key


def test_a_third_party_that_does_not_come_says_why() -> None:
    normaliser = Normaliser("n1")
    normaliser.parties["party-1"] = (CALLER, "110")
    items = feed(
        ev("UserEvent", UserEvent="HotlineConsult", Callid="party-1", Status="BUSY"),
        ev("OriginateResponse", Response="Failure", Reason="5", ActionID="party-1/originate", Uniqueid="<null>"),
        normaliser=normaliser,
    )
    assert items == [TransferEvent("n1", "party-1", items[0].at, False, "busy")]
    normaliser.parties["party-2"] = (CALLER, "110")
    coarse, precise = feed(
        ev("OriginateResponse", Response="Failure", Reason="0", ActionID="party-2/originate", Uniqueid="<null>"),
        ev("UserEvent", UserEvent="HotlineConsult", Callid="party-2", Status="BUSY"),
        normaliser=normaliser,
    )
    assert isinstance(coarse, TransferEvent) and isinstance(precise, TransferEvent)
    assert (coarse.reason, precise.reason) == ("unreachable", "busy"), "the ledger takes the later, precise one"


def test_a_phone_that_goes_and_comes_is_told_once() -> None:
    def member(status: str, queue: str = "seat-8001") -> Message:
        return ev("QueueMemberStatus", Queue=queue, Interface="PJSIP/8001", Status=status)

    items = feed(member("5"), member("5"), member("5", "normal"), member("1"), member("6"), member("2"), member("5"))
    assert [i.kind for i in items if isinstance(i, SeatEvent)] == [
        SeatKind.UNREACHABLE, SeatKind.REACHABLE, SeatKind.ENGAGED, SeatKind.UNREACHABLE, SeatKind.FREE,
    ]  # fmt: skip


def test_a_snapshot_names_callers_seats_and_waits() -> None:
    def channel(name: str, unique: str, linked: str, bridge: str = "") -> Message:
        keys = {"Channel": name, "Uniqueid": unique, "Linkedid": linked, "BridgeId": bridge, "CallerIDNum": "138"}
        return Message("Event", "CoreShowChannel", keys)

    def queue(name: str, **keys: Any) -> Message:
        return Message("Event", name, keys)

    normaliser = Normaliser("n1")
    shot = read(
        "n1",
        [
            channel(CHANNEL, CALLER, CALLER, "b1"), channel("PJSIP/8001-1", LEG, CALLER, "b1"),
            channel("PJSIP/carrier-2", "n1-2.0", "n1-2.0"), channel("PJSIP/8002-1", "n1-2.1", "n1-2.0"),
            channel("Local/110@x;1", "party", "party"),
        ],
        [
            queue("QueueEntry", Queue="normal", Uniqueid="n1-2.0"),
            queue("QueueMember", Queue="seat-8001", Location="PJSIP/8001", Status="2"),
            queue("QueueMember", Queue="seat-8002", Location="PJSIP/8002", Status="5"),
        ],
        normaliser,
        moment(0),
    )  # fmt: skip
    assert [(c.call, c.seat, c.queue) for c in shot.calls] == [(CALLER, "8001", ""), ("n1-2.0", "", "normal")]
    assert shot.seats == {"8001": SeatKind.REACHABLE, "8002": SeatKind.UNREACHABLE}
    items = feed(ev("Hangup", Uniqueid=LEG), ev("Hangup", Uniqueid=CALLER), normaliser=normaliser)
    assert kinds(items) == [Kind.LEG_ENDED, Kind.ENDED], "what was found is understood when it ends"
