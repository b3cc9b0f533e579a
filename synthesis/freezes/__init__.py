"""Speech stopped at once, and let go again by two people."""
