"""Onboarding: skills walked step by step on a chain of nonces."""
