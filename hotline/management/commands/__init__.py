"""Commands that start the product."""
