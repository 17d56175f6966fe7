"""Where agents and their sessions are kept."""
