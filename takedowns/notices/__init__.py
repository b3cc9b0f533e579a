"""Takedown notices (policy, section 7): taken, verified, decided, and what each side hears of it."""
