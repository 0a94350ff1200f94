"""Log-in and log-out of staff, and where each role starts; the large-type switch of every page."""
