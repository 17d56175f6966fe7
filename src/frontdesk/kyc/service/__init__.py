"""One function for each verb of the identity-check API."""
