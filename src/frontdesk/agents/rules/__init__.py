"""Decisions about agent sessions: values in, values out; every refusal is born here."""
