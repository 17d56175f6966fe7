"""Tests of the records of agents."""
