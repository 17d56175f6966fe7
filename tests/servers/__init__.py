"""Real servers for tests, on loopback, in temporary folders: PostgreSQL and an S3-compatible store."""
