"""Thin doors: parse, check, call one function, render."""
