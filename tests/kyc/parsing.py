"""Parse a workflow body in a test, or see what is wrong with it."""

import pytest

from frontdesk.kyc.rules.definition import InvalidWorkflow, parse_workflow
from kyc.factories import CHILD_WORKFLOW, new_ids


def parse(body, known=None, workflow_id=None, profiles=()):
    exists = {CHILD_WORKFLOW: ()} if known is None else known
    return parse_workflow(body, workflow_exists=exists, new_id=new_ids("f"), workflow_id=workflow_id, profiles=profiles)


def faults(body, **more):
    with pytest.raises(InvalidWorkflow) as caught:
        parse(body, **more)
    return {one["path"]: one["message"] for one in caught.value.details["errors"]}
