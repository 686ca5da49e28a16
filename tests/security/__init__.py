"""The security review's claims, each held by a test."""
