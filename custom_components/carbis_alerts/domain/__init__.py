"""What happened, what was seen before and what still waits: plain Python."""
