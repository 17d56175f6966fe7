"""The verbs of agents and their sessions."""
