"""The decisions of onboarding: values in, values out."""
