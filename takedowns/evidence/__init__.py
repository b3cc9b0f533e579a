"""Evidence for outside: every record of an account or a voice, signed, and verifiable without this installation."""
