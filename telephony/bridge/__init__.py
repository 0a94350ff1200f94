"""The bridge: one process per phone system, the only writer of calls and seat states."""

from telephony.bridge.core import Bridge

__all__ = ["Bridge"]
