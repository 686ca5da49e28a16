"""Clients of the services, each one file of models and protocol.

Nothing here knows Home Assistant: a client takes an aiohttp session and yields
typed, immutable objects or raises one of the errors in ``errors``.
"""
