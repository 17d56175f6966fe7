"""Tenants, keys, the delivery log, the digests of a log, and the doctor."""

import json
import sqlite3
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from cli.command import Command
from frontdesk import migrations
from servers.screening import ScreeningService

NEW_TENANT = [
    "tenant_id",
    "organization_id",
    "key_id",
    "api_key",
    "client_id",
    "client_app_key",
    "client_secret",
    "webhook_secret",
]
FORM = {
    "step_id": "about",
    "name": "About you",
    "type": "form_fill",
    "custom_fields": [{"field_id": "city", "name": "City", "type": "text", "required": True}],
}


def test_the_command_tells_its_version(command: Command) -> None:
    line = [sys.executable, "-m", "frontdesk", "--version"]
    done = subprocess.run(line, env=command.environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"frontdesk {version('frontdesk')}\n"


class TestTenants:
    def test_a_new_tenant_is_shown_once_with_all_its_secrets(self, command: Command) -> None:
        new = command.json("tenants", "create", "Acme")
        assert list(new) == NEW_TENANT
        assert all(new.values())
        assert [(each["tenant_id"], each["name"]) for each in command.json("tenants", "list")] == [
            (new["tenant_id"], "Acme")
        ]
        kept = b"".join(path.read_bytes() for path in command.data.glob("frontdesk.db*"))
        assert not any(new[name].encode() in kept for name in ("api_key", "client_app_key", "client_secret"))

    def test_the_data_folder_is_for_its_owner_only(self, command: Command) -> None:
        command.run("tenants", "create", "Acme")
        assert command.data.stat().st_mode & 0o777 == 0o700
        assert (command.data / "secret.key").stat().st_mode & 0o777 == 0o600

    def test_a_name_is_unique(self, command: Command) -> None:
        command.run("tenants", "create", "Acme")
        done = command.run("tenants", "create", "Acme", status=1)
        assert done.stderr == "frontdesk: There is a tenant with the name Acme already\n"

    @pytest.mark.parametrize("name", ["", "   ", "x" * 201])
    def test_a_name_that_is_none_is_wrong_usage(self, command: Command, name: str) -> None:
        command.run("tenants", "create", name, status=2)

    def test_for_people_it_is_a_line_for_each_field(self, command: Command) -> None:
        printed = command.run("tenants", "create", "Acme [b]").stdout.splitlines()
        assert [line.split()[0] for line in printed[:-1]] == NEW_TENANT


class TestKeys:
    def test_a_key_holds_the_permissions_that_were_asked_for(self, command: Command) -> None:
        command.run("tenants", "create", "Acme")
        made = command.json("keys", "create", "--tenant", "Acme", "--name", "read", "--permission", "kyc:read")
        assert made["api_key"].startswith("sk_live_")
        assert made["permissions"] == ["kyc:read"]
        first, second = command.json("keys", "list", "--tenant", "Acme")
        assert first["permissions"] != second["permissions"] == ["kyc:read"]
        assert second["hint"] == made["api_key"][-4:]

    def test_a_revoked_key_stays_revoked(self, command: Command) -> None:
        command.run("tenants", "create", "Acme")
        (key,) = command.json("keys", "list", "--tenant", "Acme")
        assert command.json("keys", "revoke", key["key_id"], "--tenant", "Acme")["state"] == "revoked"
        done = command.run("keys", "enable", key["key_id"], "--tenant", "Acme", status=1)
        assert "revoked" in done.stderr

    def test_unknown_things_are_told_in_one_line(self, command: Command) -> None:
        assert "no tenant Nobody" in command.run("keys", "list", "--tenant", "Nobody", status=1).stderr
        command.run("tenants", "create", "Acme")
        assert "no key" in command.run("keys", "revoke", "none", "--tenant", "Acme", status=1).stderr

    def test_an_unknown_permission_is_wrong_usage(self, command: Command) -> None:
        command.run("keys", "create", "--tenant", "Acme", "--permission", "kyc:everything", status=2)


def test_what_the_engine_logs_is_json_on_standard_error(command: Command) -> None:
    command.run("tenants", "list")
    line = ("k", "no.such_job", None, "{}", 0)
    with sqlite3.connect(command.data / "frontdesk.db") as connection:
        connection.execute("INSERT INTO outbox (key, job, session_id, argument, due_at) VALUES (?, ?, ?, ?, ?)", line)
    connection.close()
    with command.serving() as served:
        until = time.monotonic() + 30
        while "job_attempt_failed" not in served.background.errors() and time.monotonic() < until:
            time.sleep(0.05)
    logged = [json.loads(line) for line in served.background.errors().splitlines()]
    assert [one["error"] for one in logged if one["event"] == "job_attempt_failed"][:1] == ["NoSuchJob"]


def _open_session(client: httpx.Client, key: str) -> str:
    bearer = {"Authorization": f"Bearer {key}"}
    channels = {"webhook_url": "http://127.0.0.1:9/closed?token=secret"}
    assert client.patch("/kyc/tenants/me/notification-channels", json=channels, headers=bearer).is_success
    made = client.post("/kyc/workflows", json={"name": "One", "steps": [FORM]}, headers=bearer).json()["data"]
    opened = client.post("/kyc/sessions", json={"workflow_id": made["workflow_id"]}, headers=bearer).json()["data"]
    session_id: str = opened["session_id"]
    return session_id


def test_deliveries_are_listed_shown_and_sent_again(tmp_path: Path) -> None:
    command = Command(tmp_path, FRONTDESK_WEBHOOK_ALLOW="127.0.0.1")
    new = command.json("tenants", "create", "Acme")
    with command.serving() as served:
        session_id = _open_session(served.client, new["api_key"])
        (line,) = command.json("webhooks", "list", "--tenant", "Acme")
        assert (line["event_type"], line["session_id"]) == ("kyc.session.created", session_id)
        shown = command.json("webhooks", "show", line["delivery_id"], "--tenant", "Acme")
        assert shown["host"] == "127.0.0.1:9"
        assert "token" not in json.dumps(shown)
        assert command.json("webhooks", "resend", line["delivery_id"], "--tenant", "Acme")["state"] == "waiting"
    command.run("tenants", "create", "Other")
    command.run("webhooks", "show", line["delivery_id"], "--tenant", "Other", status=1)
    command.run("webhooks", "resend", line["delivery_id"], "--tenant", "Other", status=1)


def test_an_altered_log_is_found(command: Command) -> None:
    new = command.json("tenants", "create", "Acme")
    with Command(command.folder, FRONTDESK_WEBHOOK_ALLOW="127.0.0.1").serving() as served:
        session_id = _open_session(served.client, new["api_key"])
    found = command.json("events", "verify", session_id)
    assert found["whole"]
    assert found["events"] >= 1
    with sqlite3.connect(command.data / "frontdesk.db") as connection:
        connection.execute("UPDATE events SET type = 'kyc.other' WHERE session_id = ? AND number = 1", (session_id,))
    connection.close()
    done = command.run("events", "verify", session_id, status=1)
    assert "from event 1 on" in done.stderr
    with sqlite3.connect(command.data / "frontdesk.db") as connection:
        connection.execute("DELETE FROM events WHERE session_id = ?", (session_id,))
    connection.close()
    command.run("events", "verify", session_id, status=1)
    command.run("events", "verify", "none", status=1)


class TestDoctor:
    def test_a_fresh_folder_is_fine(self, command: Command) -> None:
        found = command.json("doctor", "--port", "1")
        assert found["ok"], found
        assert [check["name"] for check in found["checks"]] == [
            "key",
            "disk",
            "database",
            "blobs",
            "engine",
            "clock",
            "ocr",
            "faces",
            "liveness",
            "adverse_media",
            "crypto",
            "bank",
            "sandbox",
            "fonts",
            "mail",
            "llm",
            "port",
        ]

    def test_what_is_off_is_told_with_its_remedy(self, command: Command) -> None:
        command.run("tenants", "create", "Acme")
        (command.data / "secret.key").chmod(0o644)
        done = command.run("doctor", "--port", "1", status=1)
        assert done.stderr == "frontdesk: off: key\n"
        assert f"chmod 600 {command.data}/secret.key" in done.stdout

    def test_screening_services_are_asked_about_nobody(self, tmp_path: Path) -> None:
        service, key = ScreeningService("the key of the service"), "the key of the service"
        settings = {
            "FRONTDESK_ADVERSE_MEDIA_URL": service.url,
            "FRONTDESK_ADVERSE_MEDIA_KEY": key,
            "FRONTDESK_CRYPTO_URL": service.url,
            "FRONTDESK_WEBHOOK_ALLOW": "127.0.0.1",
        }
        try:
            found = Command(tmp_path, **settings, FRONTDESK_CRYPTO_KEY=key).json("doctor", "--port", "1")
            assert [one["subjects"] for one in service.asked] == [[], []]
            refused = Command(tmp_path, **settings, FRONTDESK_CRYPTO_KEY="another key of the service")
            done = refused.run("doctor", "--port", "1", status=1)
        finally:
            service.stop()
        assert found["ok"], found
        told = " ".join(done.stdout.split())
        assert done.stderr == "frontdesk: off: crypto\n"
        assert "off crypto The screening service answered 401" in told
        assert "look at FRONTDESK_CRYPTO_URL and FRONTDESK_CRYPTO_KEY" in told
        gone = Command(tmp_path, **settings, FRONTDESK_CRYPTO_KEY=key).run("doctor", "--port", "1", status=1)
        assert gone.stderr == "frontdesk: off: adverse_media, crypto\n"
        assert "did not answer" in gone.stdout

    def test_a_database_without_its_tables_is_off(self, shared: Command) -> None:
        done = shared.run("doctor", "--port", "1", "--json", status=1)
        (database,) = [check for check in json.loads(done.stdout)["checks"] if check["name"] == "database"]
        assert (database["ok"], database["remedy"]) == (False, "frontdesk migrate")

    def test_a_migrated_database_is_fine(self, shared: Command) -> None:
        assert shared.json("migrate") == {"before": None, "version": migrations.newest()}
        assert shared.json("migrate") == {"before": migrations.newest(), "version": migrations.newest()}
        assert shared.json("doctor", "--port", "1")["ok"]


def test_the_openapi_document_needs_no_server_and_leaves_nothing_behind(command: Command) -> None:
    described = json.loads(command.run("openapi").stdout)
    assert "/public/sessions/{access_token}" in described["paths"]
    assert not command.data.exists()


def test_the_newest_version_is_what_migrating_leads_to(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'frontdesk.db'}"
    assert migrations.standing(url) == ""
    assert migrations.migrate(url) == migrations.newest() == migrations.standing(url)
