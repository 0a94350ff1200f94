"""Asterisk through its manager interface."""

from telephony.gateways.asterisk.gateway import AsteriskGateway

__all__ = ["AsteriskGateway"]
