"""Identity checks: workflows, sessions behind an access token, documents, reviewers."""
