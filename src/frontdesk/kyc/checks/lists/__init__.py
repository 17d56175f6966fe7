"""Lists: reading the files that their publishers give out, indexing and judging their entries."""
