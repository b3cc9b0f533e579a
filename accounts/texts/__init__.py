"""The operator's texts: terms, privacy notice, policies. Each version that was ever in use is kept and can be read."""
