"""What an operator arranges for a tenant's onboarding: fresh keys, skills, and who signs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from cli.command import Command, Served
from onboarding.rules.signatures import bearer

SKILL = "demobank_ro_aisp_sbx_#1.0"
ACCOUNT = "signer@desk.example"


pytestmark = pytest.mark.xdist_group("cli-clients")


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """One folder for all tests here: every command costs a start of the program."""
    return Command(tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="module")
def new(command: Command) -> dict[str, Any]:
    found: dict[str, Any] = command.json("tenants", "create", "Acme")
    return found


@pytest.fixture(scope="module")
def served(command: Command, new: dict[str, Any]) -> Iterator[Served]:
    with command.serving() as running:
        yield running


def create(
    served: Served, new: dict[str, Any], app_key: str, path: str = "/v1/sessions", **more: Any
) -> httpx.Response:
    body = {"client_id": new["client_id"], "client_app_key": app_key, "skill": SKILL, "tenant_user_id": "cust-1"}
    return served.client.post(path, json=body, **more)


class TestKeys:
    def test_a_rotated_key_is_good_beside_the_new_one_for_the_overlap_only(
        self, command: Command, served: Served, new: dict[str, Any]
    ) -> None:
        first = new["client_app_key"]
        overlap = ("--overlap-minutes", "60")
        second = command.json("clients", "rotate", "client_app_key", "--tenant", "Acme", *overlap)["client_app_key"]
        for key in (first, second):
            assert create(served, new, key).status_code == 200
        third = command.json("clients", "rotate", "client_app_key", "--tenant", "Acme")["client_app_key"]
        new["client_app_key"] = third
        assert create(served, new, third).status_code == 200
        assert create(served, new, second).json()["code"] == "invalid_client_app_key"

    def test_only_the_two_keys_can_be_rotated(self, command: Command, new: dict[str, Any]) -> None:
        done = command.run("clients", "rotate", "api_key", "--tenant", "Acme", status=2)
        assert "client_secret" in done.stderr


class TestSkills:
    def test_a_skill_can_be_taken_away_and_given_back(
        self, command: Command, served: Served, new: dict[str, Any]
    ) -> None:
        shown = command.json("clients", "agree", SKILL, "--tenant", "Acme", "--unsubscribe", "--consent-minutes", "60")
        assert (shown["subscribed"], shown["consent_minutes"]) == (False, 60)
        assert create(served, new, new["client_app_key"]).json()["code"] == "unauthorized_tenant"
        command.run("clients", "agree", SKILL, "--tenant", "Acme", "--subscribe")
        assert create(served, new, new["client_app_key"]).status_code == 200
        (found,) = [each for each in command.json("clients", "skills", "--tenant", "Acme") if each["skill"] == SKILL]
        assert found == shown | {"subscribed": True}

    def test_a_skill_that_is_not_there_is_told_in_one_line(self, command: Command, new: dict[str, Any]) -> None:
        done = command.run("clients", "agree", "nothing", "--tenant", "Acme", "--subscribe", status=1)
        assert done.stderr == "frontdesk: skill: there is no such skill\n"


class TestSigners:
    def test_a_registered_key_signs_until_it_is_ended(
        self, command: Command, served: Served, new: dict[str, Any], tmp_path: Path
    ) -> None:
        key = RSAKey.import_key(rsa.generate_private_key(65537, 2048))
        file = tmp_path / "signer.pub.pem"
        file.write_bytes(key.as_pem(private=False))
        (added,) = command.json("signers", "add", ACCOUNT, str(file), "--tenant", "Acme")
        assert command.json("signers", "list", "--tenant", "Acme") == [added]
        again = command.run("signers", "add", ACCOUNT, str(file), "--tenant", "Acme", status=1)
        assert "does not have already" in again.stderr
        body = b'{"client_id":"%s","client_app_key":"%s","skill":"%s","tenant_user_id":"1"}' % (
            new["client_id"].encode(),
            new["client_app_key"].encode(),
            SKILL.encode(),
        )

        def signed() -> httpx.Response:
            headers = {"Authorization": bearer(body, ACCOUNT, key), "Content-Type": "application/json"}
            return served.client.post("/v1s/sessions", content=body, headers=headers)

        assert signed().status_code == 200
        ended = command.json("signers", "end", added["signer_id"], "--tenant", "Acme")
        assert ended["good_until"] is not None
        assert signed().json()["code"] == "invalid_tenant_keys"

    @pytest.mark.parametrize("text", ["no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
    def test_what_is_no_public_key_is_told_in_one_line(
        self, command: Command, new: dict[str, Any], tmp_path: Path, text: str
    ) -> None:
        (tmp_path / "file").write_text(text)
        done = command.run("signers", "add", ACCOUNT, str(tmp_path / "file"), "--tenant", "Acme", status=1)
        assert done.stderr.count("\n") == 1

    def test_a_file_or_key_that_is_not_there_is_told_in_one_line(self, command: Command, new: dict[str, Any]) -> None:
        done = command.run("signers", "add", ACCOUNT, "nowhere.pem", "--tenant", "Acme", status=1)
        assert "nowhere.pem" in done.stderr
        done = command.run("signers", "end", "nothing", "--tenant", "Acme", status=1)
        assert "no such key" in done.stderr
