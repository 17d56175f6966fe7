"""Frontdesk: a self-hosted server for guided sessions."""

__version__ = "0.1.0"
