"""llama.cpp inside this process: it loads one GGUF file and answers over its own loopback port.

Talking to it over HTTP, though it lives in the same process, is what makes its work stoppable:
closing the connection ends the generation, and the event loop never waits for native code.
"""

import secrets
from typing import Any

from local.model.backends.embedded.weights import Weights
from local.model.errors import ChoiceError

# llama.cpp looks for a caller who left between batches: at some 100 tokens a second, every 1.3 s.
_BATCH_TOKENS = 128
# Prompts of several agents take turns; each finds the state of its own prefix here again.
_PREFIX_CACHE_MIB = 256


class LlamaServer:
    """A running llama.cpp. Stop it: leaving the process in the middle of its work crashes it."""

    def __init__(self, weights: Weights) -> None:
        import xllamacpp

        self.api_key = secrets.token_urlsafe()
        try:
            self._server: Any = xllamacpp.Server(_params(weights, self.api_key))
        except RuntimeError as error:
            raise ChoiceError(
                f"llama.cpp cannot load {weights.path}: the file is damaged, or its architecture "
                "is too new. Fetch it again, or choose another model."
            ) from error
        self.url: str = self._server.listening_address
        # A server that never served may hang when it is closed, so it serves once.
        self._server.handle_completions({"prompt": "Hello", "max_tokens": 1})

    def stop(self) -> None:
        """End the server's threads; its destructor waits for them."""
        self._server = None


def grammar_of(schema: dict[str, Any]) -> str:
    """Give the grammar of a schema, on one line: free white space costs half of the tokens."""
    import xllamacpp

    layout = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
    grammar: str = xllamacpp.json_schema_to_grammar({**schema, "x-guidance": layout})
    return grammar


def _params(weights: Weights, api_key: str) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights.path)
    params.n_ctx = weights.context_tokens
    params.n_parallel = 1
    params.n_batch = params.n_ubatch = _BATCH_TOKENS
    params.cache_ram_mib = _PREFIX_CACHE_MIB
    # Two threads beside a busy neighbour are ten times slower than one.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = weights.threads
    # With these two a token's numbers do not depend on how its prompt was cut into batches, so a
    # reply is the same whether or not its prefix was cached. They cost 90 MB, and no time.
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    params.fit_params = params.warmup = False
    params.ui = False
    params.api_keys = [api_key]
    params.n_threads_http = 2
    params.verbosity = -1
    return params
