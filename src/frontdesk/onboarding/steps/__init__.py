"""What the author of a skill needs, in one place: `from frontdesk.onboarding.steps import Skill, Step, Accepted`."""

from frontdesk.onboarding.model.skill import Accepted, Redirected, Refused, Skill, Slot, Step, Visit
from frontdesk.onboarding.steps.outside import Outside

__all__ = ["Accepted", "Outside", "Redirected", "Refused", "Skill", "Slot", "Step", "Visit"]
