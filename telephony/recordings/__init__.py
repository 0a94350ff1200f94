"""Recordings: taken in from the phone system, encrypted, listened to by right and reason, erased by rule."""
