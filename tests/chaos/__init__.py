"""Chaos: real processes, every fault at any time, and a verdict by an independent ledger."""
