"""Selfies: what a picture must show to be taken."""

from collections.abc import Sequence

from frontdesk.kyc.model.definition import Step


def selfie_fault(step: Step, faces: Sequence[tuple[float, float]]) -> str | None:
    """Why the picture is refused, in the customer's words. `faces` are widths and heights in pixels."""
    if not faces:
        return "No face can be seen: look straight into the camera, in good light"
    if len(faces) > 1:
        return "More than one face can be seen: only you may be in the picture"
    least = step.min_face_size_px or 0
    if min(faces[0]) < least:
        return f"The face is too small: come closer, so that it is at least {least} pixels wide and high"
    return None
