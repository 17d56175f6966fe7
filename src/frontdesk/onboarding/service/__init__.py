"""One function for each verb of onboarding: load, decide, commit."""
