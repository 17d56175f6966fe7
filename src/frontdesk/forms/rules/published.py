"""Ids as the API shows them: a prefix and the inner id without its dashes."""

import re

_HEX = re.compile(r"[0-9a-f]{32}")


def form_id(inner: str) -> str:
    """`form_…`"""
    return "form_" + inner.replace("-", "")


def session_id(inner: str) -> str:
    """`sess_…`"""
    return "sess_" + inner.replace("-", "")


def job_id(inner: str) -> str:
    """`job_…`"""
    return "job_" + inner.replace("-", "")


def batch_id(inner: str) -> str:
    """`batch_…`"""
    return "batch_" + inner.replace("-", "")


def key_id(inner: str) -> str:
    """`key_…`"""
    return "key_" + inner.replace("-", "")


def inner_id(shown: str, prefix: str) -> str | None:
    """The id inside, or None for what none of ours can be."""
    head, _, rest = shown.partition("_")
    if head != prefix or _HEX.fullmatch(rest) is None:
        return None
    return f"{rest[:8]}-{rest[8:12]}-{rest[12:16]}-{rest[16:20]}-{rest[20:]}"
