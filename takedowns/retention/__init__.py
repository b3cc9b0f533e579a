"""How long everything is kept: one rule for each kind of object, one answer for each object, one sweep at night."""
