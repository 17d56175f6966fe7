"""What a tenant is told by webhook, over real connections: what, when, signed how, and again after a failure."""

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from msgspec.structs import replace

from frontdesk.adapters.mail_smtp import SmtpMail
from frontdesk.kernel.webhooks import deliveries
from frontdesk.kyc.service import mailing
from journeys.people import PERSON, Customer, Office, collection_step, form_step, refused, success, workflow
from journeys.receiving import Letter, Receiver
from journeys.running import Running, until
from journeys.watching import INTERNAL
from servers.smtp import postbox

pytestmark = pytest.mark.xdist_group("journeys-webhooks")
SECRET = "whsec_of_the_tests_0123456789"
CHANNELS = "/kyc/tenants/me/notification-channels"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def office(server: Running, receiver: Receiver) -> Office:
    receiver.letters.clear()
    staff = Office(server)
    success(staff.http.patch(CHANNELS, json={"webhook_url": receiver.url, "webhook_secret": SECRET}))
    return staff


def names(receiver: Receiver, session_id: str, count: int) -> list[str]:
    """The types of the first letters about a session, in order of their events."""
    until(lambda: len(receiver.of(session_id)) >= count)
    return sorted(one.type.removeprefix("kyc.") for one in receiver.of(session_id))


def test_15_a_letter_is_signed_and_any_altered_byte_shows(office: Office, receiver: Receiver) -> None:
    session_id, _ = office.open(client_id="seller-15")
    [letter] = until(lambda: receiver.of(session_id))
    assert letter.headers["user-agent"] == "KYC-Webhooks/1.0"
    assert letter.headers["content-type"] == "application/json"
    assert letter.headers["x-webhook-id"] == letter.content["id"]
    assert letter.headers["x-webhook-timestamp"] == str(letter.content["created"])
    assert letter.is_signed_by(SECRET)
    assert not letter.is_signed_by(SECRET + "x")
    for at in range(0, len(letter.body), 7):
        altered = bytearray(letter.body)
        altered[at] ^= 1
        assert not letter.is_signed_by(SECRET, bytes(altered))
    letter.headers["x-webhook-timestamp"] += "0"
    assert not letter.is_signed_by(SECRET)


def test_a_letter_tells_of_the_session_as_published(office: Office, receiver: Receiver) -> None:
    fields = form_step()
    fields["custom_fields"][0]["field_key"] = "legal_name"
    session_id, customer = office.open(office.save(workflow(fields)), client_id="seller-881")
    customer.complete("step_3", PERSON)
    assert names(receiver, session_id, 2) == ["session.completed", "session.created"]
    letter = next(one for one in receiver.of(session_id) if one.type == "kyc.session.completed")
    assert set(letter.content) == {"id", "type", "created", "data"}
    assert letter.content["id"].startswith("evt_")
    told = letter.content["data"]
    assert told.pop("workflow_id")
    assert told == {
        "session_id": session_id,
        "parent_session_id": None,
        "workflow_version": 1,
        "status": "completed",
        "final_decision": None,
        "automation_flags": [],
        "metadata": {"note": f"{INTERNAL} metadata"},
        "client_id": "seller-881",
        "form_data": {"legal_name": "Ana Ruiz", "date_of_birth": "1991-11-02", "email": "ana@example.net"},
    }


def test_each_event_is_told_once_for_each_entry(office: Office, receiver: Receiver) -> None:
    session_id, customer = office.open(office.save(workflow(form_step(), resolution="completed")))
    customer.complete("step_3", PERSON)
    customer.complete("step_3", PERSON)
    office.correct(session_id, {"step_id": "step_3"})
    customer.complete("step_3", {"full_name": "Ana M. Ruiz"})
    for status in ("manual_review", "approved", "manual_review", "rejected"):
        success(office.decide(session_id, status))
    expected = ["created", "completed", "completed", "manual_review", "approved", "manual_review", "rejected"]
    assert names(receiver, session_id, 7) == sorted(f"session.{name}" for name in expected)
    ids = [one.content["id"] for one in receiver.of(session_id)]
    assert len(set(ids)) == 7


def test_a_subsession_tells_its_completion_but_not_its_beginning(office: Office, receiver: Receiver) -> None:
    child = office.save(workflow(form_step()))
    session_id, customer = office.open(office.save(workflow(collection_step(child))))
    made = success(customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": "Rui"}), 201)
    related = Customer(customer.http, made["access_link"].rsplit("/", 1)[1])
    related.complete("step_3", PERSON)
    success(office.decide(made["subsession_id"], "approved"))
    assert names(receiver, made["subsession_id"], 2) == ["session.approved", "session.completed"]
    assert {one.content["data"]["parent_session_id"] for one in receiver.of(made["subsession_id"])} == {session_id}
    assert names(receiver, session_id, 1) == ["session.created"]


def test_further_events_are_told_to_who_asks_for_them(office: Office, receiver: Receiver, server: Running) -> None:
    staff = Office(server)
    wanted = ["kyc.session.correction_requested", "kyc.session.correction_resolved", "kyc.session.expired",
              "kyc.subsession.created", "kyc.subsession.completed"]  # fmt: skip
    success(staff.http.patch(CHANNELS, json={"webhook_url": receiver.url, "webhook_events": wanted}))
    child = staff.save(workflow(form_step()))
    session_id, customer = staff.open(staff.save(workflow(form_step(), collection_step(child))), ttl_days=1)
    customer.complete("step_3", PERSON)
    made = success(customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": "Rui"}), 201)
    Customer(customer.http, made["access_link"].rsplit("/", 1)[1]).complete("step_3", PERSON)
    customer.complete("step_ubos")
    staff.correct(session_id, {"step_id": "step_3"}, ttl_days=1)
    customer.complete("step_3")
    server.advance(days=2)
    server.sweep()
    expected = ["session.completed", "session.correction_requested", "session.correction_resolved", "session.created",
                "session.expired", "session.manual_review", "subsession.created"]  # fmt: skip
    assert names(receiver, session_id, 7) == expected
    mine = names(receiver, made["subsession_id"], 3)
    assert mine == ["session.completed", "session.expired", "subsession.completed"]


def log(server: Running, tenant_id: str) -> list[tuple[deliveries.Line, list[Any]]]:
    found = server.wait(deliveries.listed(server.house.db, tenant_id, (2**62, "~"), 100))
    return [(line, server.wait(deliveries.tries_of(server.house.db, line.id))) for line in found]


def test_a_letter_that_was_refused_comes_again_after_its_pause(server: Running, receiver: Receiver) -> None:
    staff = Office(server)
    once = success(staff.http.patch(CHANNELS, json={"webhook_url": receiver.url}))["webhook_secret_once"]
    workflow_id = staff.save()
    receiver.statuses = [500, 302]
    session_id, _ = staff.open(workflow_id)
    tenant_id = staff.tenant.tenant_id

    def tries() -> int:
        [(line, _)] = log(server, tenant_id)
        return line.tries

    until(lambda: tries() == 1)
    server.advance(seconds=30)
    assert len(receiver.of(session_id)) == 1
    server.advance(seconds=31)
    until(lambda: tries() == 2)
    server.advance(minutes=5, seconds=1)
    until(lambda: tries() == 3)
    first, second, third = receiver.of(session_id)
    assert first.body == second.body == third.body
    assert first.headers["x-webhook-id"] == third.headers["x-webhook-id"]
    assert third.is_signed_by(once)
    [(line, attempts)] = log(server, tenant_id)
    assert line.state == "delivered"
    assert [(number, result.outcome, result.status) for number, _, result in attempts] == [
        (1, "refused", 500),
        (2, "refused", 302),
        (3, "delivered", 200),
    ]


def test_a_tenant_may_have_the_body_alone_signed(server: Running, receiver: Receiver) -> None:
    staff = Office(server)
    channels = {"webhook_url": receiver.url, "webhook_secret": SECRET, "webhook_signature_input": "body"}
    success(staff.http.patch(CHANNELS, json=channels))
    session_id, _ = staff.open()
    letter: Letter = until(lambda: receiver.of(session_id))[0]
    assert letter.is_signed_by(SECRET, whole=False)


def test_the_secret_is_shown_once_and_masked_afterwards(server: Running, receiver: Receiver) -> None:
    staff = Office(server)
    shown = success(staff.http.patch(CHANNELS, json={"webhook_url": receiver.url}))
    once, masked = shown["webhook_secret_once"], shown["notification_config"]["webhook_secret"]
    assert masked.strip("*") == once[-4:]
    again = success(staff.http.get(CHANNELS))
    assert "webhook_secret_once" not in again
    assert again["notification_config"] == shown["notification_config"]
    assert once not in staff.http.get(CHANNELS).text
    kept = success(staff.http.patch(CHANNELS, json={"notification_emails": ["ops@example.net"]}))
    assert kept["notification_config"]["webhook_url"] == receiver.url


@pytest.mark.parametrize(
    "url", ["http://example.net/x", "https://10.0.0.1/", "https://[::1]/", "ftp://example.net", "https://u:p@example.net/",
            "https://169.254.169.254/latest", "x", "https://"]
)  # fmt: skip
def test_a_destination_that_is_not_public_is_refused(office: Office, url: str) -> None:
    error = refused(office.http.patch(CHANNELS, json={"webhook_url": url}), 400, "VALIDATION_ERROR")
    assert error["details"]["errors"][0]["path"] == "webhook_url"


def test_chats_and_mails_tell_what_happened_and_nothing_of_the_person(server: Running, receiver: Receiver) -> None:
    staff = Office(server)
    channels = {"slack_webhook_url": receiver.url, "notification_emails": ["ops@example.net"]}
    success(staff.http.patch(CHANNELS, json=channels))

    async def told() -> list[EmailMessage]:
        async with postbox() as box:
            mail = SmtpMail(f"smtp://127.0.0.1:{box.port}", "desk@example.net")
            needs = replace(server.house.kyc, mail=mail)
            await mailing.mail(needs, session_id, "kyc.session.completed", "evt_1")
            return box.received

    session_id, customer = staff.open(staff.save(workflow(form_step(), name="Shop owners")))
    customer.complete("step_3", PERSON)
    chats = until(lambda: [one for one in receiver.letters if session_id in str(one.content.get("text"))][1:])
    assert "Shop owners" in chats[0].content["text"]
    assert "x-webhook-signature" not in chats[0].headers
    [mail] = server.wait(told())
    assert mail["Subject"] == f"Shop owners: completed (session {session_id})"
    for text in (chats[0].body.decode(), mail.as_string()):
        assert not [value for value in PERSON.values() if value in text]
