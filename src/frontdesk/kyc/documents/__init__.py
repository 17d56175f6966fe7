"""What is made of a session for people outside: the report, and the signed file that proves what happened."""
