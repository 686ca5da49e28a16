"""Fuzzing of what reads a service's bytes: the event stream's decoder, the parsers."""
