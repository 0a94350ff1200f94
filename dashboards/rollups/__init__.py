"""Daily rollups: fed by the outbox, rebuilt from the stored rows to the same numbers."""
