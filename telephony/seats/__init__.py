"""Seats: their states, kept by the bridge, and the orders by which pages ask for changes."""
