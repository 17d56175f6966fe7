"""A made-up bank of its own: pages where a person agrees or refuses, accounts grown from a name, faults on demand."""

from frontdesk.cli.sandbox.command import sandbox_bank

__all__ = ["sandbox_bank"]
