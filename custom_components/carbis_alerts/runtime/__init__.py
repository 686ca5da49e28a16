"""The services' coordinators: from what a client yields to what the house is told."""
