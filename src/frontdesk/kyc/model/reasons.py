"""Why something is sent back or rejected, in words for programs: the same for every tenant and workflow."""

CORRECTION_REASONS = (
    "image_blurred",
    "image_glare",
    "image_cropped",
    "image_dark",
    "document_expired",
    "document_wrong_type",
    "document_damaged",
    "document_incomplete",
    "document_too_old",
    "name_mismatch",
    "data_mismatch",
    "data_missing",
    "data_implausible",
    "face_not_visible",
    "related_party_missing",
    "other",
)
"""Of a correction: what the customer can mend."""
REJECTION_REASONS = (
    "document_forged",
    "document_expired",
    "document_not_accepted",
    "identity_mismatch",
    "face_mismatch",
    "liveness_failed",
    "list_match",
    "adverse_media",
    "country_not_accepted",
    "under_age",
    "data_false",
    "duplicate",
    "not_eligible",
    "no_response",
    "withdrawn",
    "other",
)
"""Of a rejection."""
OUTCOMES = ("retry", "final")
"""Whether a rejected session may be opened again."""
