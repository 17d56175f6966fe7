"""PDF forms filled by conversation, by field actions or by value."""
