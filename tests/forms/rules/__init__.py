"""Tests of the rules of forms."""
