"""Finding the server: does it answer, may we ask it, and which of its models is meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urldefrag, urlsplit

import httpx

from local.model.errors import ChoiceError

_PROBE_SECONDS = 5.0
_PATIENCE_SECONDS = 120.0
_REFUSED = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}


@dataclass(frozen=True)
class Server:
    """A base URL that answered, and the model to ask there."""

    base_url: str
    model: str
    headers: dict[str, str] = field(repr=False)

    def client(self) -> httpx.AsyncClient:
        """Give a client that is patient: a model on a laptop may think for a minute."""
        return httpx.AsyncClient(
            base_url=self.base_url, headers=self.headers, timeout=_PATIENCE_SECONDS
        )


def find_server(url: str, env: Mapping[str, str]) -> Server:
    """Ask for the models, which every such server can list, and pick one."""
    base, fragment = urldefrag(url)
    base = base.rstrip("/") if urlsplit(base).path.strip("/") else f"{base.rstrip('/')}/v1"
    key = env.get("GATEHOUSE_MODEL_API_KEY")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    models = _models(base, headers)
    model = unquote(fragment) or env.get("GATEHOUSE_MODEL_NAME") or _only(models)
    return Server(base, model, headers)


def _models(base: str, headers: Mapping[str, str]) -> list[str]:
    try:
        response = httpx.get(f"{base}/models", headers=dict(headers), timeout=_PROBE_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        kind = type(error).__name__
        raise ChoiceError(
            f"no model server answers at {_shown(base)} ({kind}): start it, or correct the URL."
        ) from error
    if response.status_code in _REFUSED:
        raise ChoiceError(f"{_shown(base)} refused the key: set GATEHOUSE_MODEL_API_KEY.")
    if response.is_server_error:
        raise ChoiceError(f"{_shown(base)} answers with HTTP {response.status_code}: see its log.")
    return _listed(response)


def _listed(response: httpx.Response) -> list[str]:
    """Give the ids, none if the server does not list them: the URL then has to name one."""
    try:
        return [str(model["id"]) for model in response.json()["data"]]
    except (ValueError, KeyError, TypeError):
        return []


def _only(models: list[str]) -> str:
    if len(models) == 1:
        return models[0]
    offered = f"it has {', '.join(sorted(models))}" if models else "it lists none"
    raise ChoiceError(f"name the model as URL#NAME or in GATEHOUSE_MODEL_NAME: {offered}.")


def _shown(base: str) -> str:
    """Give the URL without a password that may stand in it."""
    return str(httpx.URL(base).copy_with(userinfo=b""))
