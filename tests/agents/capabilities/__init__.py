"""Tests of the capabilities of agents."""
