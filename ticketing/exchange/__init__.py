"""Exchange with 110 and other 12345 platforms: a ticket's data go where the matter goes, results come back.

The protocol is our own API (docs/api.md), spoken in both directions: whoever serves it can be a peer.
"""
