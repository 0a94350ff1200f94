"""Intake: the only way in, from every channel."""
