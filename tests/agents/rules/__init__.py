"""Tests of the rules of agents."""
