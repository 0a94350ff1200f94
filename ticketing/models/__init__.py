"""Everything that ticketing stores."""

from ticketing.exchange import models as exchange  # noqa: F401 its tables belong to this app
from ticketing.knowledge.models import (
    KnowledgeEntry,
    KnowledgeError,
    KnowledgeFile,
    KnowledgeGap,
    KnowledgeUse,
    KnowledgeVersion,
)
from ticketing.reviews import models as reviews  # noqa: F401 its tables belong to this app

from .access import Lease, Presence, SeenRequest, SmsCode
from .alarms import Alarm, AlarmCall
from .clocks import Clock, ClockPolicy, Pause
from .journal import AnchorMark, Heartbeat, OutboxCursor, OutboxEntry, ReadLedger, TicketEvent
from .notices import ApiKey, Attachment, Notice, Webhook, WebhookDelivery
from .requests import Callback, Decision, ExtensionRequest, LadderRule, Note, ReplyGate, ReturnRequest, Supervision
from .tickets import Assignment, Identity, Link, Reply, Ticket
from .training import Correction
from .wording import DictionaryWord, OwnRule, WordingChange, WordSort

__all__ = [
    "Alarm",
    "AlarmCall",
    "AnchorMark",
    "ApiKey",
    "Assignment",
    "Attachment",
    "Callback",
    "Clock",
    "ClockPolicy",
    "Correction",
    "Decision",
    "DictionaryWord",
    "ExtensionRequest",
    "Heartbeat",
    "Identity",
    "KnowledgeEntry",
    "KnowledgeError",
    "KnowledgeFile",
    "KnowledgeGap",
    "KnowledgeUse",
    "KnowledgeVersion",
    "LadderRule",
    "Lease",
    "Link",
    "Note",
    "Notice",
    "OutboxCursor",
    "OutboxEntry",
    "OwnRule",
    "Pause",
    "Presence",
    "ReadLedger",
    "Reply",
    "ReplyGate",
    "ReturnRequest",
    "SeenRequest",
    "SmsCode",
    "Supervision",
    "Ticket",
    "TicketEvent",
    "Webhook",
    "WebhookDelivery",
    "WordSort",
    "WordingChange",
]
