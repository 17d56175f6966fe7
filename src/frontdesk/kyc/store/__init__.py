"""The tables of identity checks and their queries; nothing is decided here."""
