"""A site without a PBX as a gateway: one line, whose process (`manage.py sip_robot --line`) does what is asked here.

The line's process and the bridge speak through tables: happenings by the inbox, requests as orders to `LINE`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from telephony.gateways.outside.gateway import OutsideGateway, phone_of
from telephony.seats import orders

LINE = "sip-line"  # the node name of orders for the line's process


class SipGateway(OutsideGateway):
    """Rings the chosen seat's phone over the same account. Moving callers on is beyond pyVoIP: it is refused."""

    places_alarms = False  # the line's own process does, between surveys

    def ringing(self, call: str, seat: str) -> Callable[[], str]:
        leg = f"leg-{uuid.uuid4().hex}"
        orders.give(LINE, "ring", seat=seat, call=call, leg=leg, to=phone_of(seat))
        return lambda: leg

    def ending(self, leg: str) -> Callable[[], str]:
        orders.give(LINE, "hang_up", leg=leg)
        return lambda: leg
