"""HTTP that all kinds share."""
