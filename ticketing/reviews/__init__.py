"""Reviews (好差评): the call and the handling are rated apart, and a bad review is followed up to its end."""
