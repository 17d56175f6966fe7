"""`frontdesk serve`."""

import json
import signal
import socket
import subprocess
import sys
import time

import pytest

from cli.command import Command
from servers.child import free_ports


def test_a_server_says_that_it_is_ready_answers_and_ends_politely(command: Command) -> None:
    with command.serving() as served:
        health = served.client.get("/health").json()
        assert health["status"] == "ok"
        assert served.client.get("/openapi.json").is_success
    logged = [json.loads(line) for line in served.background.errors().splitlines()]
    assert [line["status"] for line in logged if line.get("route") == "/health"] == [200]


def test_a_server_ends_with_status_0_when_it_is_interrupted(command: Command) -> None:
    (port,) = free_ports(1)
    with command.running("serve", "--port", str(port)) as background:
        background.next_line()
        assert background.stop(signal.SIGINT) == 0
        assert "Traceback" not in background.errors()


def test_port_0_takes_a_free_port_and_says_which(command: Command) -> None:
    with command.running("serve", "--port", "0") as background:
        address = background.next_line().removeprefix("Frontdesk is ready on http://127.0.0.1:")
        socket.create_connection(("127.0.0.1", int(address))).close()
        assert background.stop() == 0


def test_a_port_in_use_is_told_in_one_line(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command.run("serve", "--port", str(port), status=1)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr


def test_the_collector_does_not_go_through_what_was_there_before_the_first_request() -> None:
    told = "import gc; from frontdesk.cli import listening as here; here.settle_memory(); print(gc.get_freeze_count())"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 10_000


def test_several_processes_on_the_embedded_database_are_wrong_usage(command: Command) -> None:
    done = command.run("serve", "--workers", "2", status=2)
    assert "FRONTDESK_DATABASE_URL" in done.stderr


def test_links_are_made_of_the_listening_address_or_of_the_public_one(command: Command) -> None:
    key = command.json("tenants", "create", "Acme")["api_key"]
    workflow = {"name": "One", "steps": [{"step_id": "a", "name": "A", "type": "form_fill", "custom_fields": []}]}
    workflow["steps"][0]["custom_fields"] = [{"field_id": "x", "name": "X", "type": "text"}]  # type: ignore[index]
    links = []
    for settings in ({}, {"FRONTDESK_PUBLIC_URL": "https://desk.example.com/"}):
        other = Command(command.folder, **settings)
        with other.serving() as served:
            bearer = {"Authorization": f"Bearer {key}"}
            made = served.client.post("/kyc/workflows", json=workflow, headers=bearer).json()["data"]
            opened = {"workflow_id": made["workflow_id"]}
            link = served.client.post("/kyc/sessions", json=opened, headers=bearer).json()["data"]["access_link"]
            links.append(link.replace(str(served.port), "PORT"))
    assert links[0].startswith("http://127.0.0.1:PORT/public/sessions/")
    assert links[1].startswith("https://desk.example.com/public/sessions/")


def test_every_command_works_beside_a_running_server(command: Command) -> None:
    with command.serving() as served:
        new = command.json("tenants", "create", "Beside")
        bearer = {"Authorization": f"Bearer {new['api_key']}"}
        assert served.client.get("/kyc/sessions", headers=bearer).is_success
        (key,) = command.json("keys", "list", "--tenant", "Beside")
        command.run("keys", "disable", key["key_id"], "--tenant", "Beside")
        assert served.client.get("/kyc/sessions", headers=bearer).status_code == 401
        command.run("keys", "enable", key["key_id"], "--tenant", new["tenant_id"])
        assert served.client.get("/kyc/sessions", headers=bearer).is_success
        command.run("migrate")
        found = command.json("doctor", "--port", str(served.port))
        assert found["ok"], found
        assert any("healthy Frontdesk" in check["said"] for check in found["checks"])
        with command.running("worker") as worker:
            assert worker.next_line() == "Frontdesk works on jobs"
            assert worker.stop() == 0


def test_a_second_server_on_the_same_folder_serves_the_same_tenants(command: Command) -> None:
    with command.serving() as first, command.serving() as second:
        bearer = {"Authorization": f"Bearer {command.json('tenants', 'create', 'Two')['api_key']}"}
        for served in (first, second):
            assert served.client.get("/kyc/sessions", headers=bearer).is_success


def test_a_bad_setting_is_told_in_one_line(command: Command) -> None:
    wrong = Command(command.folder, FRONTDESK_RATE_LIMITS="perhaps")
    done = wrong.run("serve", status=1)
    assert done.stderr == "frontdesk: FRONTDESK_RATE_LIMITS must be on or off\n"


def test_a_database_that_does_not_answer_is_told_in_one_line(command: Command) -> None:
    (port,) = free_ports(1)
    away = Command(
        command.folder,
        FRONTDESK_DATABASE_URL=f"postgresql://nobody@127.0.0.1:{port}/none",
        FRONTDESK_SECRET_KEY="x" * 40,
    )
    done = away.run("serve", "--port", "0", status=1)
    assert done.stderr.count("\n") == 1
    assert "database" in done.stderr


@pytest.mark.xdist_group("cli-postgresql")
class TestOnPostgreSQL:
    def test_an_empty_database_is_refused_with_the_remedy(self, shared: Command) -> None:
        done = shared.run("serve", "--port", "0", status=1)
        assert done.stderr.count("\n") == 1
        assert "frontdesk migrate" in done.stderr

    def test_several_processes_share_a_port_and_end_politely(self, shared: Command) -> None:
        shared.run("migrate")
        with shared.serving("--workers", "2") as served:
            assert served.client.get("/health").json()["status"] == "ok"
            bearer = {"Authorization": f"Bearer {shared.json('tenants', 'create', 'Many')['api_key']}"}
            for _ in range(10):
                assert served.client.get("/kyc/sessions", headers=bearer | {"Connection": "close"}).is_success
        assert "Traceback" not in served.background.errors()

    def test_several_processes_limit_and_count_as_one(self, shared: Command) -> None:
        shared.run("migrate")
        unknown = "/public/sessions/6ba7b810-9dad-41d1-80b4-00c04fd430c8"
        with shared.serving("--workers", "2") as served:
            statuses = [served.client.get(unknown, headers={"Connection": "close"}).status_code for _ in range(40)]
            assert statuses == [404] * 31 + [429] * 9
            time.sleep(2)  # each leaves its tallies once a second
            for _ in range(6):  # whichever is asked
                page = served.client.get("/metrics", headers={"Connection": "close"}).text
                of_sessions = [
                    line for line in page.splitlines() if "requests_total" in line and "access_token" in line
                ]
                assert {line.rpartition(" ")[2] for line in of_sessions if 'status="404"' in line} == {"31.0"}
        assert "Traceback" not in served.background.errors()

    def test_workers_run_beside_each_other(self, shared: Command) -> None:
        shared.run("migrate")
        with shared.running("worker") as one, shared.running("worker") as other:
            for worker in (one, other):
                assert worker.next_line() == "Frontdesk works on jobs"
            for worker in (one, other):
                assert worker.stop() == 0

    def test_a_missing_key_is_told_in_one_line(self, shared: Command) -> None:
        del shared.environment["FRONTDESK_SECRET_KEY"]
        done = shared.run("serve", "--port", "0", status=1)
        assert done.stderr.startswith("frontdesk: FRONTDESK_SECRET_KEY is required with PostgreSQL")
        assert done.stderr.count("\n") == 1
