"""The contract of the object port, on files and on a real S3-compatible store."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from frontdesk.adapters.blobs_file import FileBlobs
from frontdesk.adapters.blobs_s3 import S3Blobs
from frontdesk.basics.errors import Missing, Rejected, Unavailable
from frontdesk.ports.blobs import Blobs
from servers.child import free_ports
from servers.s3 import S3Settings

BAD_KEYS = [
    *("", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", "a/.hidden", ".staging/x", "a\\b", "a\0b", "a\n"),
    *("ä", "a b", "a?x=1", "a#1", "a%2e", "x" * 201, "x/" * 450 + "xx"),
]


def s3_blobs(s3: S3Settings) -> S3Blobs:
    return S3Blobs(
        s3.bucket,
        s3.prefix,
        endpoint=s3.endpoint,
        access_key=s3.access_key,
        secret_key=s3.secret_key,
        region=s3.region,
    )


@pytest.fixture(params=["file", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "file":
        return FileBlobs(tmp_path / "blobs")
    return s3_blobs(request.getfixturevalue("s3"))


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as made:
        yield made


class TestOnEveryStore:
    async def test_what_was_stored_comes_back(self, blobs: Blobs) -> None:
        content = bytes(range(256)) * 5000
        await blobs.put("sessions/1/front.jpg", content, "image/jpeg")
        assert await blobs.get("sessions/1/front.jpg", 10_000_000) == content
        assert (await blobs.head("sessions/1/front.jpg")).size == len(content)

    async def test_an_empty_object_is_an_object(self, blobs: Blobs) -> None:
        await blobs.put("empty", b"", "text/plain")
        assert await blobs.get("empty", 100) == b""
        assert (await blobs.head("empty")).size == 0

    @pytest.mark.parametrize("limit", [0, 1, 999_999, 1_000_000, 1_000_001])
    async def test_no_more_than_the_limit_is_read(self, blobs: Blobs, limit: int) -> None:
        content = b"0123456789" * 100_000
        await blobs.put("large", content, "text/plain")
        assert await blobs.get("large", limit) == content[:limit]

    async def test_the_etag_is_that_of_the_last_content(self, blobs: Blobs) -> None:
        first = await blobs.put("a/b", b"first", "text/plain")
        assert (await blobs.head("a/b")).etag == first
        second = await blobs.put("a/b", b"other", "text/plain")
        assert (await blobs.head("a/b")).etag == second != first
        assert await blobs.get("a/b", 100) == b"other"

    async def test_what_is_not_there_is_missing(self, blobs: Blobs) -> None:
        await blobs.put("here/too", b"x", "text/plain")
        for key in ("nowhere", "here", "here/not", "here/too/deep"):
            with pytest.raises(Missing):
                await blobs.get(key, 10)
            with pytest.raises(Missing):
                await blobs.head(key)

    async def test_deleting_twice_is_no_error_and_spares_the_neighbours(self, blobs: Blobs) -> None:
        await blobs.put("s/1/a", b"x", "text/plain")
        await blobs.put("s/1/b", b"y", "text/plain")
        for key in ("s/1/a", "s/1/a", "never", "s/1/never", "s/1"):
            await blobs.delete(key)
        assert await blobs.keys("s") == ["s/1/b"]
        await blobs.delete("s/1/b")
        assert await blobs.keys("s") == []
        await blobs.put("s/1/a", b"z", "text/plain")
        assert await blobs.get("s/1/a", 10) == b"z"

    async def test_keys_are_sorted_and_a_prefix_is_whole_parts(self, blobs: Blobs) -> None:
        stored = ["s/1/a", "s/1/b.pdf", "s/1-x/a", "s/10/a", "t"]
        for key in reversed(stored):
            await blobs.put(key, b"x", "text/plain")
        assert await blobs.keys("s/1") == ["s/1/a", "s/1/b.pdf"]
        assert await blobs.keys("s/1/") == ["s/1/a", "s/1/b.pdf"]
        assert await blobs.keys("") == sorted(stored)
        assert await blobs.keys("nowhere") == []

    @pytest.mark.parametrize("key", BAD_KEYS)
    async def test_a_key_that_breaks_the_rule_is_rejected(self, blobs: Blobs, key: str) -> None:
        with pytest.raises(Rejected):
            await blobs.put(key, b"x", "text/plain")
        with pytest.raises(Rejected):
            await blobs.get(key, 10)
        with pytest.raises(Rejected):
            await blobs.head(key)
        with pytest.raises(Rejected):
            await blobs.delete(key)
        with pytest.raises(Rejected):
            blobs.upload_url(key, "text/plain", 60)
        with pytest.raises(Rejected):
            blobs.download_url(key, 60)

    async def test_the_longest_key_can_be_stored(self, blobs: Blobs) -> None:
        key = "/".join(["x" * 150] * 6)[:900]
        await blobs.put(key, b"x", "text/plain")
        assert await blobs.keys("") == [key]

    async def test_a_reader_never_sees_a_part(self, blobs: Blobs) -> None:
        old, new = b"a" * 300_000, b"b" * 500_000
        await blobs.put("k", old, "text/plain")

        async def write() -> None:
            for turn in range(10):
                await blobs.put("k", new if turn % 2 == 0 else old, "text/plain")

        writing = asyncio.create_task(write())
        seen = set()
        while not writing.done():
            seen.add(await blobs.get("k", 1_000_000))
        await writing
        assert seen <= {old, new}

    async def test_many_writers_and_removers_of_one_folder_do_not_disturb_each_other(self, blobs: Blobs) -> None:
        async def come_and_go(name: str) -> None:
            for _ in range(10):
                await blobs.put(f"f/g/{name}", b"x", "text/plain")
                assert await blobs.get(f"f/g/{name}", 10) == b"x"
                await blobs.delete(f"f/g/{name}")

        await asyncio.gather(*[come_and_go(f"n{at}") for at in range(6)])
        assert await blobs.keys("") == []

    async def test_the_check_leaves_nothing_behind(self, blobs: Blobs) -> None:
        await blobs.check()
        assert await blobs.keys("") == []


class TestFiles:
    def test_there_are_no_direct_addresses(self, tmp_path: Path) -> None:
        blobs: Blobs = FileBlobs(tmp_path)
        assert blobs.upload_url("a", "text/plain", 60) is None
        assert blobs.download_url("a", 60) is None

    async def test_a_key_that_continues_an_object_is_rejected(self, tmp_path: Path) -> None:
        blobs = FileBlobs(tmp_path)
        await blobs.put("a", b"x", "text/plain")
        with pytest.raises(Rejected):
            await blobs.put("a/b", b"x", "text/plain")
        await blobs.put("c/d", b"x", "text/plain")
        with pytest.raises(Rejected):
            await blobs.put("c", b"x", "text/plain")
        assert list((tmp_path / ".staging").iterdir()) == []

    async def test_only_the_owner_may_read_files_and_folders(self, tmp_path: Path) -> None:
        await FileBlobs(tmp_path / "blobs").put("a/b", b"x", "text/plain")
        assert (tmp_path / "blobs").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "blobs/a").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "blobs/a/b").stat().st_mode & 0o777 == 0o600

    async def test_removed_objects_leave_no_empty_folders(self, tmp_path: Path) -> None:
        blobs = FileBlobs(tmp_path)
        await blobs.put("a/b/c", b"x", "text/plain")
        await blobs.delete("a/b/c")
        assert not (tmp_path / "a").exists()

    async def test_the_check_says_why_the_folder_cannot_be_used(self, tmp_path: Path) -> None:
        (tmp_path / "taken").write_text("a file")
        with pytest.raises(Unavailable):
            await FileBlobs(tmp_path / "taken" / "blobs").check()


class TestS3:
    async def test_the_signed_address_takes_the_object(self, s3: S3Settings, client: httpx.AsyncClient) -> None:
        blobs = s3_blobs(s3)
        url = blobs.upload_url("s/1/front.jpg", "image/jpeg", 60)
        answer = await client.put(url, content=b"picture", headers={"Content-Type": "image/jpeg"})
        assert answer.status_code == 200
        assert await blobs.get("s/1/front.jpg", 100) == b"picture"
        assert (await blobs.head("s/1/front.jpg")).etag == answer.headers["ETag"].strip('"')

    async def test_the_signed_address_serves_the_object(self, s3: S3Settings, client: httpx.AsyncClient) -> None:
        blobs = s3_blobs(s3)
        await blobs.put("s/1/form.pdf", b"paper", "application/pdf")
        answer = await client.get(blobs.download_url("s/1/form.pdf", 60))
        assert (answer.status_code, answer.content) == (200, b"paper")
        assert answer.headers["Content-Type"] == "application/pdf"

    async def test_a_changed_address_is_refused(self, s3: S3Settings, client: httpx.AsyncClient) -> None:
        blobs = s3_blobs(s3)
        await blobs.put("s/1/a", b"mine", "text/plain")
        await blobs.put("s/2/a", b"not mine", "text/plain")
        upload, download = blobs.upload_url("s/1/a", "text/plain", 60), blobs.download_url("s/1/a", 60)
        for url in (upload.replace("s/1/a", "s/2/a"), upload.replace("Expires=60", "Expires=600"), download):
            assert (await client.put(url, content=b"changed")).status_code == 403
        for url in (download.replace("s/1/a", "s/2/a"), download.replace("Expires=60", "Expires=600"), upload):
            assert (await client.get(url)).status_code == 403
        assert (await client.delete(upload)).status_code == 403
        assert await blobs.get("s/1/a", 10) == b"mine"
        assert await blobs.get("s/2/a", 10) == b"not mine"

    async def test_an_address_ends_with_its_time(self, s3: S3Settings, client: httpx.AsyncClient) -> None:
        blobs = s3_blobs(s3)
        await blobs.put("a", b"x", "text/plain")
        upload, download = blobs.upload_url("a", "text/plain", 1), blobs.download_url("a", 1)
        await asyncio.sleep(2.1)
        assert (await client.put(upload, content=b"late")).status_code == 403
        assert (await client.get(download)).status_code == 403
        assert await blobs.get("a", 10) == b"x"

    async def test_a_wrong_key_is_refused_and_the_check_says_so(
        self, s3: S3Settings, client: httpx.AsyncClient
    ) -> None:
        stranger = s3_blobs(replace(s3, secret_key="0" * 40))
        assert (await client.put(stranger.upload_url("a", "text/plain", 60), content=b"x")).status_code == 403
        with pytest.raises(Unavailable):
            await stranger.check()

    async def test_a_store_that_does_not_answer_is_unavailable(self, s3: S3Settings) -> None:
        [port] = free_ports(1)
        nowhere = s3_blobs(replace(s3, endpoint=f"http://127.0.0.1:{port}"))
        with pytest.raises(Unavailable):
            await nowhere.check()

    async def test_plain_http_is_refused_when_the_endpoint_is_https(self, s3: S3Settings) -> None:
        with pytest.raises(Unavailable):
            await s3_blobs(replace(s3, endpoint=s3.endpoint.replace("http:", "https:"))).check()

    async def test_prefixes_do_not_see_each_other(self, s3: S3Settings) -> None:
        mine, other = s3_blobs(s3), s3_blobs(replace(s3, prefix=s3.prefix + "-other"))
        await mine.put("a", b"mine", "text/plain")
        assert await other.keys("") == []
        with pytest.raises(Missing):
            await other.head("a")
