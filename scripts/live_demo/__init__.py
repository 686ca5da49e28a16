"""The demo: simulated services and a real Home Assistant that is connected to them."""
