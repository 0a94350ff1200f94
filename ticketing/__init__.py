"""Intake, lifecycle, clocks, routing, supervision, and the doors to them: portal, desk, API."""
