"""The journal: one append-only, HMAC-chained list of events per ticket."""
