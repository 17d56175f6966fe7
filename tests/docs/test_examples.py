"""Every block of the manual that is marked `run` does what the page says (docs/howto/examples-that-run.md)."""

from pathlib import Path

import pytest

from docs.examples import Page

ROOT = Path(__file__).resolve().parents[2]
PAGES = [page for page in sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")]) if Page.read(page).blocks]


@pytest.mark.xdist_group("manual")
@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_examples_of_a_page_do_what_it_says(path: Path, tmp_path: Path) -> None:
    with Page.read(path).running_in(tmp_path) as page:
        for block in page.blocks:
            page.run(block)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("session 7 is open", "session ... is open"),
        ("one\ntwo\nthree", "one\n...\nthree"),
        ("one\nthree", "one\n...\nthree"),
        ("{}", "{}"),
    ],
)
def test_dots_stand_for_anything(printed: str, expected: str) -> None:
    assert Page.matches(printed, expected)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("session 7 is shut", "session ... is open"),
        ("one\ntwo", "one\n...\nthree"),
        ("one\ntwo", "one"),
        ("", "one"),
    ],
)
def test_what_differs_is_told(printed: str, expected: str) -> None:
    assert not Page.matches(printed, expected)


def test_a_wrong_example_fails_with_its_page_and_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.md"
    wrong.write_text("# Wrong\n\n```console run\n$ echo one\ntwo\n```\n")
    with Page.read(wrong).running_in(tmp_path) as page, pytest.raises(AssertionError, match=r"wrong\.md:4"):
        page.run(page.blocks[0])


def test_a_command_in_the_background_is_waited_for_and_stopped(tmp_path: Path) -> None:
    served = tmp_path / "served.md"
    served.write_text(
        "```console run\n$ python -u -m http.server 8000 --bind 127.0.0.1 &\n"
        "Serving HTTP on 127.0.0.1 port 8000 ...\n```\n"
        "```python run\nimport urllib.request\n\n"
        'print(urllib.request.urlopen("http://127.0.0.1:8000/").status)\n```\n\n```text output\n200\n```\n'
    )
    with Page.read(served).running_in(tmp_path) as page:
        for block in page.blocks:
            page.run(block)
        (child,) = page.children
    assert child.poll() is not None
