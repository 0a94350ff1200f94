"""Manager events to normalised events. Keeps only what is needed to name things: which leg is whose.

Facts that this rests on were observed on Asterisk 22: `Linkedid` names the call for all legs; QueueCallerLeave comes
for connect and abandon alike and is no outcome; a leg ended by the manager gives no AgentComplete, so the end of a
seat's leg is its Hangup; DialEnd comes twice for an unanswered leg, so a missed ring is AgentRingNoAnswer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from telephony.ami import Message
from telephony.gateways.asterisk.legs import Legs
from telephony.gateways.asterisk.members import Members
from telephony.gateways.asterisk.moves import Moves
from telephony.gateways.asterisk.queues import Queues
from telephony.gateways.asterisk.reports import Reports
from telephony.gateways.events import Happening


class Normaliser(Legs, Queues, Reports, Moves, Members):
    """One node's translator. Fed in order; `reset` after each reconnect."""

    __slots__ = ()

    def feed(self, message: Message) -> Iterator[Happening]:
        handler = HANDLERS.get(message.name)
        if handler is not None:
            yield from handler(self, message)


HANDLERS: dict[str, Callable[[Normaliser, Message], Iterator[Happening]]] = {
    "Newchannel": Normaliser.new_channel,
    "Hangup": Normaliser.hangup,
    "QueueCallerJoin": Normaliser.joined,
    "QueueCallerAbandon": Normaliser.abandoned,
    "AgentCalled": Normaliser.called,
    "AgentRingNoAnswer": Normaliser.unanswered,
    "AgentConnect": Normaliser.connected,
    "AgentComplete": Normaliser.completed,
    "UserEvent": Normaliser.user_event,
    "AttendedTransfer": Normaliser.attended,
    "BlindTransfer": Normaliser.blind,
    "OriginateResponse": Normaliser.originated,
    "BridgeEnter": Normaliser.bridge_enter,
    "Hold": Normaliser.held,
    "Unhold": Normaliser.held,
    "MixMonitorStart": Normaliser.recording,
    "MixMonitorStop": Normaliser.recording,
    "QueueMemberStatus": Normaliser.member,
}
