"""Networks whose seats answer on phones of their own: what they tell comes in by a table, we choose who is rung."""
