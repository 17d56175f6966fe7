"""Objects in a bucket of an S3-compatible store, with signed addresses for direct sending and fetching."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from frontdesk.adapters.blobs_check import take_and_give
from frontdesk.basics.errors import Missing, Unavailable
from frontdesk.ports.blobs import BlobHead, check_key

_CHUNK = 256 * 1024


class S3Blobs:
    """The object's name in the bucket is `prefix`, `/` and the key. Plain HTTP only if `endpoint` says so."""

    def __init__(
        self, bucket: str, prefix: str, *, endpoint: str, access_key: str, secret_key: str, region: str = "us-east-1"
    ) -> None:
        self._store = S3Store(
            bucket,
            prefix=prefix.strip("/") or None,
            endpoint=endpoint,
            access_key_id=access_key,
            secret_access_key=secret_key,
            region=region,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": urlsplit(endpoint).scheme == "http",
                "connect_timeout": timedelta(seconds=5),
                "timeout": timedelta(seconds=60),
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
        )

    async def put(self, key: str, content: bytes, content_type: str) -> str:
        check_key(key)
        with _translated():
            stored = await obstore.put_async(self._store, key, content, attributes={"Content-Type": content_type})
        return _etag(stored["e_tag"])

    async def get(self, key: str, limit: int) -> bytes:
        check_key(key)
        with _translated():
            # No range request: a range of an empty object is an error in S3.
            found = await obstore.get_async(self._store, key)
            if found.meta["size"] <= limit:
                return bytes(await found.bytes_async())
            content = bytearray()
            if limit > 0:
                async for chunk in found.stream(min(limit, _CHUNK)):
                    content += chunk
                    if len(content) >= limit:
                        break
        return bytes(content[:limit])

    async def head(self, key: str) -> BlobHead:
        check_key(key)
        with _translated():
            found = await obstore.head_async(self._store, key)
        return BlobHead(found["size"], _etag(found["e_tag"]))

    async def delete(self, key: str) -> None:
        check_key(key)
        with suppress(Missing), _translated():
            await obstore.delete_async(self._store, key)

    async def keys(self, prefix: str) -> list[str]:
        prefix = prefix.rstrip("/")
        if prefix:
            check_key(prefix)
        with _translated():
            return sorted([each["path"] async for page in obstore.list(self._store, prefix or None) for each in page])

    def upload_url(self, key: str, content_type: str, seconds: int) -> str:
        """The signature binds the key and the time only."""
        return self._signed("PUT", key, seconds)

    def download_url(self, key: str, seconds: int) -> str:
        return self._signed("GET", key, seconds)

    async def check(self) -> None:
        await take_and_give(self, "The bucket")

    def _signed(self, method: Literal["PUT", "GET"], key: str, seconds: int) -> str:
        check_key(key)
        with _translated():
            return obstore.sign(self._store, method, key, timedelta(seconds=seconds))


def _etag(written: str | None) -> str:
    if written is None:
        raise Unavailable("The object store answered without an etag")
    return written.strip('"')


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Missing("There is no such object") from error
    except (BaseError, OSError) as error:
        raise Unavailable(f"The object store cannot be used now: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """The first line; the rest is the whole request and answer."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
