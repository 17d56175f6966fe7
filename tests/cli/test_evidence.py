"""`frontdesk evidence`, `retention` and `tombstone`: beside a running server, and without one."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from cli.command import SRC, Command

WORKFLOW = {
    "name": "Shop owners",
    "steps": [
        {
            "step_id": "about",
            "name": "About you",
            "type": "form_fill",
            "custom_fields": [{"field_id": "name", "name": "Name", "type": "text", "required": True}],
        }
    ],
}


def opened(client: httpx.Client, key: str) -> str:
    """A session that its customer has completed."""
    staff = {"Authorization": f"Bearer {key}"}

    def data(answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()["data"]

    workflow = data(client.post("/kyc/workflows", json=WORKFLOW, headers=staff))["workflow_id"]
    made = data(client.post("/kyc/sessions", json={"workflow_id": workflow}, headers=staff))
    path = f"/public/sessions/{made['access_token']}/step/about/complete"
    data(client.post(path, json={"form_data": {"name": "Zacharias Quintanilla"}}))
    return str(made["session_id"])


def verified(file: Path, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    """The check as somebody runs it who has the program and the file, and nothing else."""
    nowhere = file.parent / "nowhere"
    nowhere.mkdir(exist_ok=True)
    line = [sys.executable, "-m", "frontdesk", "evidence", "verify", str(file), *arguments]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC), "NO_COLOR": "1"}
    done = subprocess.run(line, cwd=nowhere, env=environment, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == status, (done.stdout, done.stderr)
    assert list(nowhere.iterdir()) == []
    return done


def test_a_session_is_exported_checked_erased_and_its_tombstone_shown(command: Command, tmp_path: Path) -> None:
    tenant = command.json("tenants", "create", "Acme")
    key = command.json("evidence", "key")
    pem = tmp_path / "key.pem"
    pem.write_text(key["pem"])
    with command.serving() as served:
        session_id = opened(served.client, tenant["api_key"])
        made = command.json("evidence", session_id, "--out", str(tmp_path / "proof.zip"))
        assert made["key_id"] == key["key_id"]
        assert served.client.get("/kyc/evidence/key").json()["data"]["key_id"] == key["key_id"]
        told = command.run("evidence", "export", session_id).stdout
        assert f"evidence-{session_id}.zip holds" in told
        answer = served.client.delete(
            f"/kyc/sessions/{session_id}", headers={"Authorization": f"Bearer {tenant['api_key']}"}
        )
        assert answer.is_success
    tombstone = command.json("tombstone", session_id)
    assert (tombstone["session_id"], tombstone["kind"]) == (session_id, "kyc")
    assert tombstone["erased_by"].startswith("key ")
    proof = tmp_path / "proof.zip"
    assert proof.stat().st_mode & 0o077 == 0
    for expected in (key["key_id"], key["key_id"].upper(), str(pem)):
        assert "key itself was not compared" not in verified(proof, "--key", expected).stdout
    assert "key itself was not compared" in verified(proof).stdout
    found = json.loads(verified(proof, "--json").stdout)
    assert (found["valid"], found["session_id"], found["key_compared"]) == (True, session_id, False)
    assert found["exported_by"] == "operator"
    other = verified(proof, "--key", "0" * 64, status=1).stderr
    assert other == "frontdesk: The file is signed with another key than the one that was expected\n"


def test_a_file_that_was_touched_ends_with_status_1_and_one_line(command: Command, tmp_path: Path) -> None:
    tenant = command.json("tenants", "create", "Acme")
    with command.serving() as served:
        session_id = opened(served.client, tenant["api_key"])
    command.run("evidence", session_id, "--out", str(tmp_path / "proof.zip"))
    altered = bytearray((tmp_path / "proof.zip").read_bytes())
    place = altered.index(b"Quintanilla")
    altered[place : place + 11] = b"Quintanella"
    (tmp_path / "altered.zip").write_bytes(altered)
    said = verified(tmp_path / "altered.zip", status=1).stderr
    assert said == "frontdesk: session.json was altered: its checksum is another\n"
    assert "cannot be read" in verified(tmp_path / "nothing.zip", status=1).stderr
    for wrong in ("abc", str(tmp_path / "proof.zip")):
        verified(tmp_path / "proof.zip", "--key", wrong, status=2)


def test_what_is_no_identity_check_has_no_evidence_and_no_tombstone(command: Command) -> None:
    command.run("tenants", "create", "Acme")
    nothing = "0196f3a1-7c1e-7a52-9d0e-4b7f5a2c8e11"
    assert "There is no identity check" in command.run("evidence", nothing, status=1).stderr
    assert "was erased here" in command.run("tombstone", nothing, status=1).stderr


def test_clocks_are_set_by_command_and_erase_without_a_server(command: Command) -> None:
    tenant = command.json("tenants", "create", "Acme")
    with command.serving() as served:
        session_id = opened(served.client, tenant["api_key"])
    named = ("--tenant", "Acme")
    assert set(command.json("retention", "show", *named).values()) == {None}
    changed = command.json("retention", "set", *named, "--after-completion", "2", "--after-decision", "9")
    assert changed == {"after_decision_days": 9, "after_completion_days": 2, "after_expiry_days": None}
    told = command.run("retention", "set", *named, "--after-decision", "keep").stdout
    assert "after_decision_days    keep" in told
    assert command.json("retention", "run") == {"erased": 0}
    command.run("retention", "set", *named, status=2)
    command.run("retention", "set", *named, "--after-expiry", "soon", status=2)
    assert "1 to 36500 days" in command.run("retention", "set", *named, "--after-expiry", "0", status=1).stderr
    rest_since(command.data / "frontdesk.db", session_id, days_ago=3)
    assert command.json("retention", "run") == {"erased": 0}, "the row is no more than a finger-post"


def rest_since(path: Path, session_id: str, days_ago: int) -> None:
    """Make the finger-post say another instant than the sealed record does."""
    at = int((time.time() - days_ago * 86_400) * 1_000_000)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE kyc_sessions SET rests_since = ? WHERE session_id = ?", (at, session_id))
    db.close()
