"""Requests of authorities for records: intake and hold, the answer of two people, the bundle, the customer told."""
