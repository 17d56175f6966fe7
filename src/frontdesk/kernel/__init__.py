"""What every session has, whatever its kind."""
