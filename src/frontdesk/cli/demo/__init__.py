"""`frontdesk demo`: a server with samples, and one real session of each kind, walked through its own HTTP API."""

from frontdesk.cli.demo.running import demo

__all__ = ["demo"]
