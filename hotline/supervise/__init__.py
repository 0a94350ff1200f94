"""Keeps the product's processes running on one machine: start, restart with back-off, stop all cleanly."""
