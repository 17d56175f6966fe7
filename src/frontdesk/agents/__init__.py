"""Agents: durable conversations with tools."""
