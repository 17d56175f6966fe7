"""Reading what an administrator wrote: every part notes its faults and goes on, so all are told at once."""
