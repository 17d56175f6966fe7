"""The parts of a message, to their published form and back."""

import pytest

from frontdesk.agents.model.message import (
    ImageFilePart,
    ImagePart,
    Part,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    as_dict,
    from_dict,
)


@pytest.mark.parametrize(
    ("part", "published"),
    [
        (TextPart("a"), {"type": "text", "text": "a"}),
        (ImagePart(url="https://example.com/a.png"), {"type": "image", "url": "https://example.com/a.png"}),
        (
            ImagePart(base64="AA==", media_type="image/png"),
            {"type": "image", "base64": "AA==", "media_type": "image/png"},
        ),
        (ImageFilePart("img_1", "a.png"), {"type": "image_file", "image_id": "img_1", "filename": "a.png"}),
        (ToolCallPart("1", "add", {"a": 1}), {"type": "tool_call", "id": "1", "name": "add", "arguments": {"a": 1}}),
        (ToolResultPart("1", {"n": None}), {"type": "tool_result", "tool_call_id": "1", "result": {"n": None}}),
        (ToolResultPart("1"), {"type": "tool_result", "tool_call_id": "1", "result": None}),
        (ToolResultPart("1", error="no"), {"type": "tool_result", "tool_call_id": "1", "error": "no"}),
    ],
)
def test_a_part_is_published_without_empty_fields_and_read_again(part: Part, published: object) -> None:
    assert as_dict(part) == published
    assert from_dict(as_dict(part)) == part


def test_a_part_of_no_known_type_is_none() -> None:
    with pytest.raises(KeyError):
        from_dict({"type": "video"})
