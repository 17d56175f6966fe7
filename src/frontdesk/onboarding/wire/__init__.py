"""The published bodies of onboarding, and which refusal is which status."""
