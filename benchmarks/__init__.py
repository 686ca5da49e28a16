"""Measurements of the component in a real Home Assistant core, on this machine."""
