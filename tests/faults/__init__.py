"""Break the worker on purpose: every process it is made of, on both databases."""
