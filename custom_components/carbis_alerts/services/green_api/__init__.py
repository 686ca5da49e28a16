"""GREEN-API: a messenger's account, of WhatsApp, MAX or Telegram."""
