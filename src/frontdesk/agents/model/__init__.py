"""Frozen records of agents: what is said, and how far a session has come."""
