"""Legal clocks: which rule applies, when it is due and why, and what happens when it is."""
