"""What the desk's pages say: rows, clocks, journal and shares turned into plain Chinese."""
