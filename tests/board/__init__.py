"""Tests of the board: what serves it and what feeds it."""
