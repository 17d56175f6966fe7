"""One file for each port and implementation."""
