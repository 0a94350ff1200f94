"""All names of outgoing events, in one place (docs/architecture.md lists who listens)."""

TICKET = "ticket"  # payload: action, seq, status, units
NOTICE = "notice"  # a message waits to be sent
CALL = "call"  # telephony: a call changed
SEAT = "seat"  # telephony: a seat changed
DIRECTORY = "directory"  # a duty, unit, region or calendar row changed
KNOWLEDGE = "knowledge"
REVIEW = "review"
MEASURE = "measure"
LEDGER = "ledger"  # a row beside no ticket's journal was written; payload: number, seq, mac (for the anchor)

ALL = frozenset({TICKET, NOTICE, CALL, SEAT, DIRECTORY, KNOWLEDGE, REVIEW, MEASURE, LEDGER})
