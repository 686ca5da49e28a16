"""The parts that an entry is made of: from an event of its service to Home Assistant."""
