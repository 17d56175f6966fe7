"""The shape of the house: directions, sizes, words, texts, published codes."""
