"""Tests with a real browser and a real Home Assistant."""
