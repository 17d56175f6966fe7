"""What a child process does for evidence. The libraries for it are loaded there: they would cost every command and
every server half a second at its start, and are needed by hardly any."""

from collections.abc import Sequence

from frontdesk.kyc.documents.report_blocks import Report


def drawn(report: Report) -> bytes:
    """The report as a PDF."""
    from frontdesk.kyc.documents import report_layout

    return report_layout.drawn(report)


def previews(content: bytes, mime_type: str, turned: Sequence[float]) -> tuple[int, list[bytes]]:
    """How many pages a paper has, and small upright JPEG pictures of the first ones."""
    from frontdesk.kyc.documents import previews

    return previews.previews(content, mime_type, turned)
