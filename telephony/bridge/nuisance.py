"""The nuisance list on the phone system: entered at once, taken out when the review date has passed."""

from __future__ import annotations

from datetime import date

from telephony.gateways.protocol import Gateway
from telephony.models import NuisanceCaller
from ticketing.privacy.crypto import open_box


class Nuisance:
    """Remembers what it told the network; `follow` brings the network in line with the table."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.told: set[str] = set()

    def forget(self) -> None:
        """After a connect: the network may have been set up anew."""
        self.told.clear()

    def follow(self, today: date) -> None:
        rows = NuisanceCaller.objects.values_list("number_box", "review_on")
        listed = {open_box(box): review for box, review in rows}
        active = {number for number, review in listed.items() if review >= today}
        for number in active - self.told:
            self.gateway.block(number, True)
        for number in (set(listed) | self.told) - active:
            self.gateway.block(number, False)
        expired = [number for number in listed if number not in active]
        self.told = active
        if expired:
            NuisanceCaller.objects.filter(review_on__lt=today).delete()
