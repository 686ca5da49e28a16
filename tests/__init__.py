"""Tests of Carbis Alerts."""
