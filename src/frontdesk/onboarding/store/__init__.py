"""The tables of onboarding: sessions, consents and what they gathered, clients and their keys."""
