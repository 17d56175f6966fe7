"""Answers to form fields: their normal form, their limits, and what is said of those that are wrong."""
