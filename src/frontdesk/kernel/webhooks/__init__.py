"""Telling tenants what happened: signed, tried again with growing pauses, logged, never to a private address."""
