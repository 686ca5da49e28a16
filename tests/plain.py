"""What tests need with Home Assistant and without it."""

TOKEN = "s3cret-token-of-the-server"
