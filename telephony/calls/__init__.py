"""Calls: their state as a pure function of the journal of normalised events, and the reconciliation with reality."""
