"""Composition: settings, addresses, servers and base templates; no rules of the trade live here."""
