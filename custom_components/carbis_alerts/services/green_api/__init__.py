"""GREEN-API: WhatsApp."""
