"""The skills that come with the server, all on the sandbox bank."""
