"""Language functions: pure, typed, no Django, no network."""
