"""Signed documents: take them in, show them to who may read them, verify them, and destroy them after their time."""
