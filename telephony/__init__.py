"""Gateways to phone networks, calls, seats, the agent console and call-backs."""
