"""The forms of the set-up: one file a service, and what they share."""
