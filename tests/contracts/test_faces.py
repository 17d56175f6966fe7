"""The contract of the face port, on every adapter."""

import math
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
import pytest_asyncio
from PIL import Image

import hostile_files as hostile
import portraits
from frontdesk.ports.faces import Face, Faces
from frontdesk.ports.ocr import REFUSALS, RefusedFile

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
FRONT = "turns/p1/soft-front_y+00_p+00.jpg"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["local"])
async def faces(request: pytest.FixtureRequest) -> AsyncIterator[Faces]:
    finder = {"local": portraits.local_faces}[request.param]()
    await finder.start()
    yield finder
    await finder.stop()


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def image(name: str = FRONT) -> Image.Image:
    return Image.open(BytesIO(portraits.picture(name))).convert("RGB")


def cosine(one: Face, other: Face) -> float:
    return sum(a * b for a, b in zip(one.embedding, other.embedding, strict=True))


async def test_a_face_is_found_where_it_is(faces: Faces) -> None:
    (face,) = await faces.find(portraits.picture(FRONT), JPEG)
    right_eye, left_eye, nose, right_mouth, left_mouth = (face.landmarks[i : i + 2] for i in range(0, 10, 2))
    x, y, width, height = face.box
    assert all(x < px < x + width and y < py < y + height for px, py in (right_eye, left_eye, nose, right_mouth))
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_eye[1] < nose[1] < left_mouth[1]
    assert 0.7 <= face.score <= 1
    assert math.hypot(*face.embedding) == pytest.approx(1)


async def test_one_person_is_alike_and_another_is_not(faces: Faces) -> None:
    seen = {name: (await faces.find(portraits.picture(f"portraits/{name}.jpg"), JPEG))[0] for name in ("p1", "p2")}
    (same,) = await faces.find(portraits.picture(FRONT), JPEG)
    assert cosine(same, seen["p1"]) > 0.55
    assert cosine(same, seen["p2"]) < 0.363


async def test_the_same_face_is_found_in_png_and_on_the_first_page_of_a_pdf(faces: Faces) -> None:
    (first,) = await faces.find(portraits.picture(FRONT), JPEG)
    pages = [image(), image("turns/p2/window-side_y+00_p+00.jpg")]
    paper = saved(pages[0], "PDF", save_all=True, append_images=pages[1:])
    for content, kind in ((saved(image(), "PNG"), PNG), (paper, PDF)):
        (again,) = await faces.find(content, kind)
        assert cosine(first, again) > 0.9


async def test_a_photo_is_looked_at_as_its_exif_turns_it(faces: Faces) -> None:
    (upright,) = await faces.find(portraits.picture(FRONT), JPEG)
    exif = Image.Exif()
    exif[0x0112] = 6
    (turned,) = await faces.find(saved(image().rotate(90, expand=True), quality=95, exif=exif), JPEG)
    assert math.dist(upright.box, turned.box) < 12
    assert cosine(upright, turned) > 0.9


async def test_the_largest_face_comes_first(faces: Faces) -> None:
    both = Image.new("RGB", (1280, 480))
    both.paste(image("turns/p2/window-side_y+00_p+00.jpg").resize((320, 240)), (0, 0))
    both.paste(image(), (640, 0))
    first, second = await faces.find(saved(both, quality=95), JPEG)
    assert first.box[2] > 1.5 * second.box[2]
    assert first.box[0] > 640 > second.box[0]


async def test_a_small_face_on_a_large_paper_is_found_in_its_pixels(faces: Faces) -> None:
    paper = Image.new("RGB", (3000, 2200), "white")
    paper.paste(image("portraits/p1.jpg").resize((240, 320)), (2500, 1700))
    (face,) = await faces.find(saved(paper), JPEG)
    assert face.box[0] > 2500
    assert face.box[1] > 1700
    (alone,) = await faces.find(portraits.picture("portraits/p1.jpg"), JPEG)
    assert cosine(face, alone) > 0.7


async def test_a_face_that_fills_a_large_photo_is_found(faces: Faces) -> None:
    near = image().crop((200, 80, 440, 380)).resize((2400, 3000))
    (face,) = await faces.find(saved(near), JPEG)
    assert face.box[2] > 1000


async def test_a_picture_without_a_face_is_no_error(faces: Faces) -> None:
    assert await faces.find(hostile.picture(640, 200, text="NOBODY"), JPEG) == ()


async def test_no_more_than_sixteen_faces_are_told(faces: Faces) -> None:
    crowd = Image.new("RGB", (640, 480))
    for number in range(30):
        one = image().crop((200, 80, 440, 380)).resize((96, 96))
        crowd.paste(one, (number % 6 * 106, number // 6 * 96))
    assert len(await faces.find(saved(crowd, quality=95), JPEG)) == 16


@pytest.mark.parametrize(
    ("content", "mime_type", "code"),
    [
        pytest.param(b"", JPEG, "empty", id="nothing"),
        pytest.param(b"GIF89a" + b"\0" * 4000, JPEG, "wrong_type", id="gif called jpeg"),
        pytest.param(hostile.picture(kind="PNG"), JPEG, "wrong_type", id="png called jpeg"),
        pytest.param(hostile.png(8, 8, b"x"), PNG, "too_small", id="picture below a KiB"),
        pytest.param(hostile.picture() + b"\0" * (10 * 1024 * 1024), JPEG, "too_large", id="above 10 MiB"),
        pytest.param(hostile.picture()[:-2000], JPEG, "truncated", id="jpeg cut off"),
        pytest.param(hostile.png(64, 64, b"garbage" * 500), PNG, "unreadable", id="png of garbage"),
        pytest.param(b"%PDF-1.7\n" + b"garbage\n" * 300 + b"%%EOF", PDF, "unreadable", id="pdf of garbage"),
        pytest.param(hostile.png_bomb(100_000, 100_000), PNG, "too_many_pixels", id="png bomb"),
        pytest.param(hostile.with_huge_image(), PDF, "too_many_pixels", id="pdf with a bomb"),
        pytest.param(hostile.encrypted(), PDF, "encrypted", id="pdf with a password"),
        pytest.param(hostile.with_script(), PDF, "active_content", id="pdf with a script"),
        pytest.param(hostile.with_archive(hostile.picture()), JPEG, "polyglot", id="jpeg and zip"),
    ],
)
async def test_a_file_is_refused_with_its_reason(faces: Faces, content: bytes, mime_type: str, code: str) -> None:
    with pytest.raises(RefusedFile) as caught:
        await faces.find(content, mime_type)
    assert caught.value.code == code
    assert caught.value.code in REFUSALS
    assert caught.value.reason.endswith(".")


async def test_the_finder_proves_itself(faces: Faces) -> None:
    await faces.check()


@pytest.mark.parametrize("quarter", [90, 180, 270])
async def test_a_picture_is_turned_before_it_is_looked_at(faces: Faces, quarter: int) -> None:
    (upright,) = await faces.find(portraits.picture(FRONT), JPEG)
    lying = saved(image().rotate(quarter, expand=True), quality=95)
    (found,) = await faces.find(lying, JPEG, quarter + 20)
    assert cosine(upright, found) > 0.9
    assert found.box == pytest.approx(upright.box, abs=8)
