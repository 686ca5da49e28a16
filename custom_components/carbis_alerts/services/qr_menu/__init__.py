"""The QR menu."""
