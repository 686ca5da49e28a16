"""Configuration folders that released versions wrote, and what must become of them."""
