"""What a mail adapter promises, over a real connection."""

from collections.abc import AsyncIterator

import pytest

from frontdesk.adapters.mail_smtp import SmtpMail
from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.ports.mail import Mail, Message
from servers.child import free_ports
from servers.smtp import Postbox, postbox

MESSAGE = Message("evt_1", ("ops@example.net", "night@example.net"), "Überprüfung fertig", "Mit Umlaut: ä.\n")


@pytest.fixture
async def box() -> AsyncIterator[Postbox]:
    async with postbox() as found:
        yield found


@pytest.fixture
def mail(box: Postbox) -> Mail:
    return SmtpMail(f"smtp://ana:right@127.0.0.1:{box.port}", "desk@example.net")


async def test_a_message_arrives_as_it_was_written(box: Postbox, mail: Mail) -> None:
    await mail.send(MESSAGE)
    [found] = box.received
    assert (found["From"], found["To"]) == ("desk@example.net", "ops@example.net, night@example.net")
    assert (found["Subject"], found["Message-ID"]) == (MESSAGE.subject, "<evt_1@frontdesk>")
    assert found.get_content().replace("\r\n", "\n") == MESSAGE.text


async def test_one_refused_address_does_not_keep_it_from_the_others(box: Postbox, mail: Mail) -> None:
    box.refused["ops@example.net"] = 550
    await mail.send(MESSAGE)
    assert len(box.received) == 1


@pytest.mark.parametrize(("code", "error"), [(550, Rejected), (451, Unavailable)])
async def test_refused_by_all_is_for_good_or_for_now(
    box: Postbox, mail: Mail, code: int, error: type[Exception]
) -> None:
    box.refused = dict.fromkeys(MESSAGE.to, code)
    with pytest.raises(error):
        await mail.send(MESSAGE)
    assert box.received == []


async def test_a_wrong_password_is_for_good(box: Postbox) -> None:
    wrong = SmtpMail(f"smtp://ana:wrong@127.0.0.1:{box.port}", "desk@example.net")
    with pytest.raises(Rejected):
        await wrong.check()
    with pytest.raises(Rejected):
        await wrong.send(MESSAGE)


async def test_a_server_that_is_away_is_unavailable() -> None:
    [port] = free_ports(1)
    with pytest.raises(Unavailable):
        await SmtpMail(f"smtp://127.0.0.1:{port}", "desk@example.net").send(MESSAGE)


async def test_the_check_logs_in(box: Postbox, mail: Mail) -> None:
    await mail.check()
    assert box.logins == 1
    assert box.received == []
