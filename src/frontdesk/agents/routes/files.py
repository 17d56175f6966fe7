"""What clients do with the files of a session."""

import base64
import binascii

from frontdesk.agents.rules.contents import FILE_BYTES
from frontdesk.agents.rules.refusals import Invalid, Unfit
from frontdesk.agents.service import files
from frontdesk.agents.service.needs import Needs, session_uuid
from frontdesk.agents.wire import answers, requests
from frontdesk.agents.wire import files as wire
from frontdesk.web.endpoint import Answer, Call, Endpoint, QueryParam

from .calls import tenant_of
from .table import line

_ROOT = "/v1/sessions/{session_id}/fs"
_BODY_LIMIT = 2 * FILE_BYTES
_RECURSIVE = (QueryParam("recursive", "`true`: with everything below."),)


class Files:
    """The calls on files, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def _whose(self, call: Call) -> tuple[str, str]:
        return await tenant_of(call, self._needs), call.path["session_id"]

    async def look(self, call: Call) -> Answer:
        tenant_id, session_id = await self._whose(call)
        recursive = call.query.get("recursive") == "true"
        head, found = await files.look(self._needs, tenant_id, session_id, _path(call), recursive=recursive)
        uuid = session_uuid(session_id)
        if isinstance(found, bytes):
            return Answer(200, wire.file(uuid, head, found))
        return Answer(200, wire.FolderAnswer([wire.told(uuid, one) for one in found]))

    async def create(self, call: Call) -> Answer:
        tenant_id, session_id = await self._whose(call)
        body = await call.json(requests.FileBody)
        content = None if body.is_directory else _content(body)
        made = await files.create(
            self._needs, tenant_id, session_id, _path(call), content, is_readonly=body.is_readonly
        )
        return Answer(201, wire.file(session_uuid(session_id), made, content or b""))

    async def replace(self, call: Call) -> Answer:
        tenant_id, session_id = await self._whose(call)
        content = _content(await call.json(requests.FileBody))
        made = await files.replace(self._needs, tenant_id, session_id, _path(call), content)
        return Answer(200, wire.file(session_uuid(session_id), made, content))

    async def remove(self, call: Call) -> Answer:
        tenant_id, session_id = await self._whose(call)
        recursive = call.query.get("recursive") == "true"
        await files.remove(self._needs, tenant_id, session_id, _path(call), recursive=recursive)
        return Answer(200, answers.Deleted(True))

    async def stat(self, call: Call) -> Answer:
        tenant_id, session_id = await self._whose(call)
        body = await call.json(requests.PathBody)
        head = await files.stat(self._needs, tenant_id, session_id, body.path)
        return Answer(200, wire.told(session_uuid(session_id), head))

    async def move(self, call: Call) -> Answer:
        return await self._transfer(call, 200, keeps_source=False)

    async def copy(self, call: Call) -> Answer:
        return await self._transfer(call, 201, keeps_source=True)

    async def _transfer(self, call: Call, status: int, *, keeps_source: bool) -> Answer:
        tenant_id, session_id = await self._whose(call)
        body = await call.json(requests.TransferBody)
        made = await files.transfer(
            self._needs, tenant_id, session_id, body.src_path, body.dst_path, keeps_source=keeps_source
        )
        return Answer(status, wire.told(session_uuid(session_id), made))

    async def grep(self, call: Call) -> Answer:
        tenant_id, session_id = await self._whose(call)
        body = await call.json(requests.GrepBody)
        found = await files.grep(self._needs, tenant_id, session_id, body.pattern, body.path_pattern)
        return Answer(200, wire.grep(found))


def _path(call: Call) -> str:
    return "/" + call.path.get("path", "")


def _content(body: requests.FileBody) -> bytes:
    if body.encoding == "text":
        return body.content.encode()
    if body.encoding != "base64":
        raise Unfit("Field encoding: expected text or base64")
    try:
        return base64.b64decode(body.content, validate=True)
    except binascii.Error as error:
        raise Invalid("content is not base64") from error


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on files."""
    calls, tag, one = Files(needs), "Agent session files", wire.FileAnswer
    path = _ROOT + "/{path...}"
    body, limit = requests.FileBody, _BODY_LIMIT
    return (
        line("GET", _ROOT, calls.look, "The root folder", tag, {200: wire.FolderAnswer}, query=_RECURSIVE),
        line("GET", path, calls.look, "A file, or what is in a folder", tag, {200: one}, query=_RECURSIVE),
        line("POST", path, calls.create, "Create", tag, {201: one}, body=body, body_limit=limit),
        line("PUT", path, calls.replace, "Replace its content", tag, {200: one}, body=body, body_limit=limit),
        line("DELETE", path, calls.remove, "Remove", tag, {200: answers.Deleted}, query=_RECURSIVE),
        line("POST", _ROOT + "/_/stat", calls.stat, "Look", tag, {200: wire.FileInfo}, body=requests.PathBody),
        line("POST", _ROOT + "/_/move", calls.move, "Move", tag, {200: wire.FileInfo}, body=requests.TransferBody),
        line("POST", _ROOT + "/_/copy", calls.copy, "Copy", tag, {201: wire.FileInfo}, body=requests.TransferBody),
        line("POST", _ROOT + "/_/grep", calls.grep, "Search", tag, {200: wire.GrepAnswer}, body=requests.GrepBody),
    )
