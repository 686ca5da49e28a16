"""Who is there to come: people, shifts, zones, and the ways to them."""
