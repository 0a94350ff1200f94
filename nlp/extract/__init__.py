"""What a complaint contains: place, times, amounts, organisations, separate demands, mood and kind."""
