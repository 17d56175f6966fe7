"""The database's numbered versions."""
