"""Fuzzing: the quick look, and that what is broken would be found."""
