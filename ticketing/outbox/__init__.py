"""The outbox: every change on its way to whoever listens, at least once, in order per ticket."""
