"""What agents can be given: one file a capability, one line a capability in `table.py`."""
