"""The bank as a command, and beside a server."""

import socket
import threading

import httpx
import pytest

from cli.command import Command
from frontdesk.cli.sandbox.running import beside
from frontdesk.config import Settings


def test_the_command_says_when_it_is_ready_and_ends_politely(command: Command) -> None:
    with command.running("sandbox-bank", "--port", "0", "--fault", "down") as background:
        ready = background.next_line()
        assert ready.startswith("The sandbox bank is ready on http://127.0.0.1:")
        url = ready.split()[-1]
        assert httpx.get(url, trust_env=False).status_code == 200
        assert httpx.post(f"{url}/api/consents", content=b"{}", trust_env=False).status_code == 422
        assert background.stop() == 0
    assert not command.data.exists()


def test_the_doctor_asks_the_bank_that_the_settings_name(command: Command) -> None:
    with command.running("sandbox-bank", "--port", "0") as background:
        command.environment["FRONTDESK_BANK_URL"] = background.next_line().split()[-1]
        assert command.json("doctor", "--port", "1")["ok"]
        background.stop()
    done = command.run("doctor", "--port", "1", status=1)
    assert done.stderr == "frontdesk: off: bank\n"
    assert "frontdesk sandbox-bank" in done.stdout


def test_a_server_gets_a_bank_of_its_own_for_as_long_as_it_runs() -> None:
    threads = threading.active_count()
    with beside(Settings(), "127.0.0.1") as settings:
        assert httpx.get(settings.bank_url, trust_env=False).status_code == 200
    assert threading.active_count() == threads
    with pytest.raises(httpx.ConnectError):
        httpx.get(settings.bank_url, trust_env=False)


@pytest.mark.parametrize("settings", [Settings(bank="off"), Settings(bank_url="http://bank.example:8100")])
def test_no_bank_is_started_where_none_is_wanted(settings: Settings) -> None:
    with beside(settings, "127.0.0.1") as after:
        assert after is settings


def test_a_port_that_is_taken_is_told_in_one_line(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = command.run("sandbox-bank", "--port", str(taken.getsockname()[1]), status=1)
    assert done.stderr.startswith("frontdesk: Cannot listen on 127.0.0.1:")
