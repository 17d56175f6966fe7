"""The capability `agent_instructions`: `AGENTS.md` of the session's files becomes part of the prompt."""

from frontdesk.agents.capabilities.contract import Capability, Config, Files, Tool

PATH = "/AGENTS.md"
LONGEST = 64 * 1024
"""Bytes; what comes after them is left out, and the model is told so."""
_END = "</agent-instructions"


async def prompt(files: Files) -> str | None:
    """The file as it is now; nothing when there is none or it is no text."""
    content = await files.read(PATH)
    if content is None:
        return None
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    if len(content) > LONGEST:
        text = content[:LONGEST].decode(errors="ignore") + "\n[The rest of the file is left out: it is too long.]"
    # Who writes the file is not to leave its frame.
    text = text.strip().replace(_END, _END.replace("<", "&lt;"))
    return f'<agent-instructions source="AGENTS.md">\n{text}\n</agent-instructions>' if text else None


def tools(config: Config) -> tuple[Tool, ...]:
    """None."""
    return ()


CAPABILITY = Capability(
    id="agent_instructions",
    name="Instructions from a file",
    description="Adds `AGENTS.md` of the session's files to the prompt, as it is when the model is asked.",
    category="File Operations",
    icon="file-text",
    tools=tools,
    prompt_from=prompt,
)
