"""Clients of the services, each a package of models, parser and client.

Nothing here knows Home Assistant: a client takes an aiohttp session and yields
typed, immutable objects or raises one of the errors in ``errors``.
"""
