"""Measures, rollups, wallboard and reports: reads tickets and calls, never writes them."""
