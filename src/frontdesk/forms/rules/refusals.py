"""Every refusal of the forms API, with its published code."""

from typing import ClassVar

from frontdesk.basics.errors import Problem


class Refusal(Problem):
    """A refusal of this kind."""

    code: ClassVar[str] = "bad_request"


class BadRequest(Refusal):
    """What was sent cannot be used."""

    code: ClassVar[str] = "bad_request"


class UnsupportedFile(BadRequest):
    """The file is not a PDF, or not one that can be filled."""

    code: ClassVar[str] = "unsupported_file"


class PdfCorrupt(BadRequest):
    """The PDF is damaged beyond reading."""

    code: ClassVar[str] = "pdf_corrupt"


class PdfEncrypted(BadRequest):
    """The PDF asks for a password."""

    code: ClassVar[str] = "pdf_encrypted"


class NoMapping(BadRequest):
    """No column of the table is mapped to a field of the form."""

    code: ClassVar[str] = "no_mapping"


class NothingToFill(BadRequest):
    """None of the values belongs to a field of the form."""

    code: ClassVar[str] = "nothing_to_fill"


class UnknownFields(BadRequest):
    """Values are sent for fields that the form does not have."""

    code: ClassVar[str] = "unknown_field"


class InvalidValues(BadRequest):
    """Values are sent that their fields cannot hold."""

    code: ClassVar[str] = "invalid_value"


class ConflictingValues(BadRequest):
    """Two boxes of one exclusive question are switched on together."""

    code: ClassVar[str] = "conflicting_values"


class UnprocessableFields(UnknownFields):
    """Updates name fields that the form does not have."""


class UnprocessableValues(InvalidValues):
    """Updates carry values that their fields cannot hold."""


class UnprocessableChoice(ConflictingValues):
    """Updates switch two boxes of one exclusive question on together."""


class NotFound(Refusal):
    """There is no such thing, or it is another owner's: the answer is the same."""

    code: ClassVar[str] = "not_found"


class UnknownField(Refusal):
    """The form has no such field."""

    code: ClassVar[str] = "unknown_field"


class Conflicting(Refusal):
    """It is not possible now."""

    code: ClassVar[str] = "in_use"


class NotReady(Conflicting):
    """The form is still being read, or could not be read."""

    code: ClassVar[str] = "not_ready"


class InUse(Conflicting):
    """Work on it is under way."""

    code: ClassVar[str] = "in_use"


class SessionCompleted(Conflicting):
    """The session has its PDF: its values stay as they are."""

    code: ClassVar[str] = "session_completed"


class NotFilled(Conflicting):
    """The session has no PDF yet."""

    code: ClassVar[str] = "not_filled"


class NothingToConfirm(Conflicting):
    """The field holds no value that could be confirmed."""

    code: ClassVar[str] = "nothing_to_confirm"


class DocumentsDeleted(Refusal):
    """The documents were removed when their time was over."""

    code: ClassVar[str] = "documents_deleted"


class TooLarge(Refusal):
    """More bytes, files, rows or letters than allowed."""

    code: ClassVar[str] = "too_large"


class TooManyPages(TooLarge):
    """The PDF has more pages than allowed."""

    code: ClassVar[str] = "too_many_pages"


class ModelUnavailable(Refusal):
    """The language model does not answer at the moment."""

    code: ClassVar[str] = "model_unavailable"


class RenderFailed(Refusal):
    """The PDF could not be rendered."""

    code: ClassVar[str] = "server_error"
