"""Everything that telephony stores."""

from .callbacks import CallbackRequest, CallbackState, NuisanceCaller, OutageNotice
from .calls import Call, CallEvent, Draft, Transfer, TransferMode, TransferOutcome
from .incoming import Incoming
from .network import Line, Queue, Trunk
from .recordings import Recording, RecordingRead, RecordingState
from .seats import Order, OrderState, SeatMessage, SeatMode, SeatSpan, SeatState

__all__ = [
    "Call",
    "CallEvent",
    "CallbackRequest",
    "CallbackState",
    "Draft",
    "Incoming",
    "Line",
    "NuisanceCaller",
    "Order",
    "OrderState",
    "OutageNotice",
    "Queue",
    "Recording",
    "RecordingRead",
    "RecordingState",
    "SeatMessage",
    "SeatMode",
    "SeatSpan",
    "SeatState",
    "Transfer",
    "TransferMode",
    "TransferOutcome",
    "Trunk",
]
