"""Personal data: sealed at rest, found by keyed hash, masked by default, opened by right and on the record."""
