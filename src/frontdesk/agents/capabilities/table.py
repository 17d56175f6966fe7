"""The table of capabilities: one line each."""

from collections.abc import Mapping

from frontdesk.agents.capabilities import (
    agent_instructions,
    arithmetic,
    budgeting,
    current_time,
    noop,
    session_files,
    session_storage,
    skills,
    todo_list,
    weather,
    web_fetch,
)
from frontdesk.agents.capabilities.contract import Capability

_ALL = (
    current_time.CAPABILITY,
    web_fetch.CAPABILITY,
    session_files.CAPABILITY,
    todo_list.CAPABILITY,
    session_storage.CAPABILITY,
    skills.CAPABILITY,
    agent_instructions.CAPABILITY,
    budgeting.CAPABILITY,
    arithmetic.CAPABILITY,
    weather.CAPABILITY,
    noop.CAPABILITY,
)
CAPABILITIES: Mapping[str, Capability] = {each.id: each for each in _ALL}
"""By id, in the order in which they are listed."""
