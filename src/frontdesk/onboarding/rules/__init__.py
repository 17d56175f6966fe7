"""Decisions: values in, values out; refusals are born here."""
