"""Frozen records of identity checks: what a workflow says, and how far a session has come."""
