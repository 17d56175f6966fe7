"""Decisions about identity checks: values in, values out; every refusal is born here."""
