"""What people may ask for about their own data: a copy, a correction, a stop, an end."""
