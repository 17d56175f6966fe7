"""Tests of identity checks."""
