"""One question to a language model whose answer keeps to a JSON Schema. pydantic-ai is imported with the first call."""

import asyncio
from typing import TYPE_CHECKING, Any

from frontdesk.basics.errors import Unavailable

if TYPE_CHECKING:
    from pydantic_ai.models import Model as AiModel

_OPENAI = ("openai", "openai-chat")
_RETRIES = 1
"""How often a model may try again whose answer does not keep to the schema."""


class Model:
    """`llm` is `PROVIDER:MODEL`; `seconds` bounds a whole answer, second tries included."""

    def __init__(self, llm: str, base_url: str, api_key: str, seconds: float) -> None:
        self._llm = llm
        self._base_url = base_url
        self._api_key = api_key
        self._seconds = seconds

    async def answer(self, instructions: str, prompt: str, schema: dict[str, Any]) -> dict[str, Any]:
        """The model's answer. Raises `Unavailable` if it is away, too slow, or answers with something else."""
        import httpx2
        from pydantic_ai import Agent, StructuredDict
        from pydantic_ai.exceptions import AgentRunError, UserError

        try:
            async with (
                asyncio.timeout(self._seconds),
                httpx2.AsyncClient(timeout=self._seconds, trust_env=False) as client,
            ):
                agent = Agent(
                    self._model(client),
                    output_type=StructuredDict(schema, name="answer"),
                    instructions=instructions,
                    retries=_RETRIES,
                )
                found = (await agent.run(prompt)).output
        except TimeoutError as error:
            raise Unavailable(f"{self._llm} did not answer within {self._seconds:g} seconds") from error
        except ImportError as error:
            provider = self._llm.partition(":")[0]
            raise Unavailable(f"{self._llm} needs another package: pydantic-ai-slim[{provider}]") from error
        except (AgentRunError, UserError, httpx2.HTTPError, ValueError, TypeError, LookupError) as error:
            # The last three are what client libraries trip over when the other side does not keep to the protocol. The
            # error's own text can hold parts of the request, and so of what a person said.
            raise Unavailable(f"{self._llm} gave no answer that can be used ({type(error).__name__})") from error
        return dict(found)

    def _model(self, client: Any) -> "AiModel":
        from pydantic_ai.models import infer_model
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers import Provider, infer_provider_class
        from pydantic_ai.providers.openai import OpenAIProvider
        from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

        provider_name, _, model = self._llm.partition(":")
        if provider_name in _OPENAI:
            provider: Provider[Any]
            if self._base_url:
                provider = OpenAICompatibleProvider(
                    "compatible", base_url=self._base_url, api_key=self._api_key or None, http_client=client
                )
            else:
                provider = OpenAIProvider(api_key=self._api_key or None, http_client=client)
            return OpenAIChatModel(model, provider=provider)
        given = {name: value for name, value in (("api_key", self._api_key), ("base_url", self._base_url)) if value}
        return infer_model(self._llm, lambda name: infer_provider_class(name)(**given))
