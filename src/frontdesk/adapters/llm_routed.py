"""The language-model port by provider: `llmsim` is the simulator, every other one is asked over the network."""

from collections.abc import AsyncGenerator

from frontdesk.adapters.llm_pydantic import PydanticLlm
from frontdesk.adapters.llm_scripted import ScriptedLlm
from frontdesk.ports.llm import Answer, Delta, Llm, Request, Target

SIMULATOR = "llmsim"


class RoutedLlm:
    """One `Llm` in front of two."""

    def __init__(self, network: PydanticLlm) -> None:
        self._network = network
        self._simulator = ScriptedLlm()

    def ask(self, request: Request) -> AsyncGenerator[Delta | Answer, None]:
        return self._of(request.target).ask(request)

    async def check(self, target: Target) -> None:
        await self._of(target).check(target)

    async def stop(self) -> None:
        await self._network.stop()

    def _of(self, target: Target) -> Llm:
        return self._simulator if target.provider == SIMULATOR else self._network
