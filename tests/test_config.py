"""Settings: where they come from, which is the stronger, and that a bad one names its variable and the remedy."""

import stat
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from frontdesk.config import BadSetting, Settings, load

NOWHERE = Path("/nonexistent/.env")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / ".env"
    path.write_text(text)
    return path


def test_nothing_set_gives_the_embedded_database_and_local_files() -> None:
    settings = load({}, None)
    assert settings.sqlite_path == Path("frontdesk-data/frontdesk.db")
    assert settings.blobs_path == Path("frontdesk-data/blobs")
    assert settings.rate_limits is True
    assert settings == Settings()


def test_a_missing_env_file_is_no_error() -> None:
    assert load({}, NOWHERE) == Settings()


def test_the_command_line_beats_the_environment_beats_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "FRONTDESK_S3_REGION=from-file\nFRONTDESK_PUBLIC_URL='https://from-file.example'\n")
    assert load({}, path).s3_region == "from-file"
    environment = {"FRONTDESK_S3_REGION": "from-environment"}
    assert load(environment, path).s3_region == "from-environment"
    assert load(environment, path, s3_region="from-line").s3_region == "from-line"
    assert load(environment, path, s3_region=None).s3_region == "from-environment"
    assert load(environment, path).public_url == "https://from-file.example"


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert load({"FRONTDESK_S3_REGION": "", "FRONTDESK_RATE_LIMITS": ""}, None) == Settings()


def test_a_value_of_the_file_is_taken_as_it_stands(tmp_path: Path) -> None:
    path = written(tmp_path, "FRONTDESK_S3_SECRET_KEY='a${HOME}b$c'\n")
    assert load({}, path).s3_secret_key == "a${HOME}b$c"


def test_lists_are_cut_at_commas() -> None:
    settings = load({"FRONTDESK_WEBHOOK_ALLOW": "127.0.0.1, 10.0.0.0/8 ,,localhost"}, None)
    assert settings.webhook_allow == ("127.0.0.1", "10.0.0.0/8", "localhost")


@pytest.mark.parametrize(("text", "on"), [("on", True), ("off", False), ("OFF", False)])
def test_a_switch_is_on_or_off(text: str, on: bool) -> None:
    assert load({"FRONTDESK_RATE_LIMITS": text}, None).rate_limits is on


@pytest.mark.parametrize(
    ("name", "text", "remedy"),
    [
        ("RATE_LIMITS", "maybe", "on or off"),
        ("DATABASE_URL", "mysql://localhost/x", "sqlite:/// or postgresql://"),
        ("DATABASE_URL", "frontdesk.db", "sqlite:/// or postgresql://"),
        ("DATABASE_URL", "sqlite://frontdesk.db", "sqlite:/// or postgresql://"),
        ("BLOBS_URL", "ftp://somewhere", "file:// or s3://"),
        ("BLOBS_URL", "s3://bucket/prefix", "FRONTDESK_S3_ENDPOINT"),
        ("PUBLIC_URL", "desk.example.org", "http or https"),
        ("OCR", "cloud", "local"),
        ("LIVENESS", "passive", "local or rekognition"),
        ("LIVENESS_ACCESS_KEY", "AKIDEXAMPLE", "FRONTDESK_LIVENESS_SECRET_KEY"),
        ("LIVENESS_ENDPOINT", "rekognition.example", "http or https"),
        ("BANK", "demobank", "sandbox or off"),
        ("BANK_URL", "bank.example:8100", "http or https"),
        ("SMTP_URL", "mail.example.org:25", "smtp://HOST:PORT"),
        ("LLM", "gpt", "PROVIDER:MODEL"),
        ("LLM", "openai:", "PROVIDER:MODEL"),
        ("LLM_BASE_URL", "models.example.org", "http or https"),
    ],
)
def test_a_bad_value_names_the_variable_and_the_remedy(name: str, text: str, remedy: str) -> None:
    with pytest.raises(BadSetting) as caught:
        load({f"FRONTDESK_{name}": text}, None)
    assert f"FRONTDESK_{name}" in str(caught.value)
    assert remedy in str(caught.value)


def test_a_postgresql_address_is_no_file() -> None:
    for url in ("postgresql://u:p@db.example/frontdesk", "postgres://db.example/frontdesk"):
        assert load({"FRONTDESK_DATABASE_URL": url}, None).sqlite_path is None


def test_a_sqlite_address_is_a_file() -> None:
    assert load({"FRONTDESK_DATABASE_URL": "sqlite:////srv/desk.db"}, None).sqlite_path == Path("/srv/desk.db")


def test_face_models_lie_beside_the_python_or_where_they_are_said_to() -> None:
    assert Settings().face_models_path == Path(sys.prefix) / "share" / "frontdesk" / "models"
    assert load({"FRONTDESK_FACE_MODELS": "/srv/models"}, None).face_models_path == Path("/srv/models")


def test_a_bucket_with_all_its_settings_is_accepted() -> None:
    names = {
        "S3_ENDPOINT": "http://127.0.0.1:9000",
        "S3_ACCESS_KEY": "a",
        "S3_SECRET_KEY": "s",
        "BLOBS_URL": "s3://b/p",
    }
    settings = load({f"FRONTDESK_{name}": text for name, text in names.items()}, None)
    assert settings.blobs_path is None


def test_no_secret_shows_when_settings_are_printed() -> None:
    names = (
        "SECRET_KEY",
        "S3_SECRET_KEY",
        "S3_ACCESS_KEY",
        "LLM_API_KEY",
        "LIVENESS_ACCESS_KEY",
        "LIVENESS_SECRET_KEY",
    )
    environment = {f"FRONTDESK_{name}": "hidden-" + "x" * 40 for name in names}
    environment["FRONTDESK_DATABASE_URL"] = "postgresql://u:hidden-password@db.example/x"
    assert "hidden" not in repr(load(environment, None))


def test_every_setting_has_a_sentence() -> None:
    assert [each.name for each in fields(Settings) if not each.metadata["help"].endswith(".")] == []


class TestTheServersKey:
    def test_it_is_made_once_for_the_owner_alone(self, tmp_path: Path) -> None:
        settings = load({}, None, data=tmp_path / "new" / "folder")
        key = settings.secret()
        assert len(key) >= 32
        assert settings.secret() == key
        path = tmp_path / "new" / "folder" / "secret.key"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [each.name for each in path.parent.iterdir()] == ["secret.key"]

    def test_of_many_processes_at_once_all_have_the_same_one(self, tmp_path: Path) -> None:
        script = (
            "import sys, pathlib; from frontdesk.config import load; sys.stdin.read(1);"
            "print(load({}, None, data=pathlib.Path(sys.argv[1])).secret().decode())"
        )
        children = [
            subprocess.Popen(
                [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(6)
        ]
        keys = set()
        for child in children:
            assert child.stdin is not None
            child.stdin.write("x")
            child.stdin.flush()
        for child in children:
            printed, _ = child.communicate(timeout=30)
            keys.add(printed.strip())
        assert len(keys) == 1
        assert len(keys.pop()) >= 32

    def test_one_from_the_environment_is_taken_and_nothing_is_written(self, tmp_path: Path) -> None:
        settings = load({"FRONTDESK_SECRET_KEY": "k" * 32}, None, data=tmp_path)
        assert settings.secret() == b"k" * 32
        assert list(tmp_path.iterdir()) == []

    def test_a_short_one_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(BadSetting, match="FRONTDESK_SECRET_KEY must have 32"):
            load({"FRONTDESK_SECRET_KEY": "k" * 31}, None).secret()
        (tmp_path / "secret.key").write_text("short\n")
        with pytest.raises(BadSetting, match="restore it from a backup"):
            load({}, None, data=tmp_path).secret()

    def test_with_postgresql_it_must_be_given(self) -> None:
        with pytest.raises(BadSetting, match="FRONTDESK_SECRET_KEY is required"):
            load({"FRONTDESK_DATABASE_URL": "postgresql://db.example/x"}, None).secret()
