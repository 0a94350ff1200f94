"""Thin doors: check access, parse the address, call one function, render."""
