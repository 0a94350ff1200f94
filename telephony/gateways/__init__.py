"""Phone networks behind one door: what happens there as normalised events, what can be asked of them as a protocol."""
