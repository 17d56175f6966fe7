"""Names made comparable: their words, how words sound, and how alike two names are."""
