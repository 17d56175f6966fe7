"""What we ask of the world: one protocol a file, whose docstrings are the contract."""
