"""Decisions about forms and their sessions: values in, values out."""
