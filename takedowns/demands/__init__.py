"""Demands for the signed document of a voice: fourteen days, two reminders, and what follows where nothing comes."""
