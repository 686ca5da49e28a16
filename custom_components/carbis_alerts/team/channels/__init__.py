"""The ways to people, a file for each kind."""
