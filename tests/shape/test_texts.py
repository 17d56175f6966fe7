"""What the files of the repository say, and what they must not."""

import ast
import re

from shape.tree import ROOT, Function, modules, parsed, short, tracked, written

HERE = "tests/shape/test_texts.py"
PERSONAL = re.compile(
    r"(?<![\w.])/(?:home|Users|root|work)/[\w.-]+" r"|(?<![\w.])[A-Z]:\\Users\\" r"|(?<![\w.])/tmp/(?!\{|$)[\w.-]+"
)
REGISTRIES = re.compile(
    # Spelled with classes, so that this page does not name a host itself.
    r"py[p]i\.(?:org|python\.org)|pythonh[o]sted\.org|registry\.np[m]js|np[m]js\.(?:org|com)|yarnp[k]g\.com|unp[k]g\.com|jsd[e]livr"
    r"|cr[a]tes\.io|deb\.d[e]bian\.org|archive\.ub[u]ntu|docker\.io|ghcr\.io|quay\.io|proxy\.golang|--(?:extra-)?index-url",
    re.IGNORECASE,
)
IMPOLITE = re.compile(r"\b(?:TODO|FIXME|HACK)\b")
LARGEST = 512 * 1024


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern occurs in the texts of the repository."""
    found = []
    for path in tracked():
        if short(path) in (HERE, "LICENSE") or not _is_text(content := path.read_bytes()):
            continue
        text = content.decode("utf-8")
        found += [f"{short(path)}:{number}" for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]
    return found


def _is_text(content: bytes) -> bool:
    return b"\0" not in content and not content.startswith(b"%PDF-")


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    assert lines_with(PERSONAL) == []


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRIES) == []


def test_no_file_leaves_work_for_later() -> None:
    assert lines_with(IMPOLITE) == []


def test_no_file_is_large() -> None:
    assert [short(path) for path in tracked() if path.stat().st_size > LARGEST] == []


def test_every_module_opens_with_a_sentence() -> None:
    missing = []
    for path in written():
        opening = (ast.get_docstring(parsed(path)) or "").split("\n\n")[0]
        if path.read_text().strip() and not opening.rstrip().endswith((".", ":", "?", "!", ")")):
            missing.append(short(path))
    assert missing == []


def test_only_the_command_line_prints() -> None:
    found = [
        f"{short(path)}:{node.lineno}"
        for path in modules()
        if not short(path).startswith(("src/frontdesk/cli.py", "src/frontdesk/cli/"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert found == []


def test_only_the_settings_read_the_environment() -> None:
    found = [
        f"{short(path)}:{node.lineno}"
        for path in modules()
        if short(path) not in ("src/frontdesk/config.py", "src/frontdesk/cli/options.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]
    assert found == []


def test_no_test_is_skipped_or_patched() -> None:
    banned = {"skip", "skipif", "xfail", "importorskip", "monkeypatch", "mock", "MagicMock", "patch"}
    found = [
        f"{short(path)}:{getattr(node, 'lineno', 0)}"
        for path in written()
        if short(path).startswith("tests/") and short(path) != HERE
        for node in ast.walk(parsed(path))
        if _named(node) & banned
    ]
    assert found == []


def _named(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
        return {node.attr} if owner in ("pytest", "mark", "mock", "unittest") else set()
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {part for alias in node.names for part in alias.name.split(".")}
    return {argument.arg for argument in node.args.args} if isinstance(node, Function) else set()


def test_the_continuous_run_is_the_checks_and_nothing_else() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert script.rstrip().endswith("make --no-print-directory check </dev/null")
