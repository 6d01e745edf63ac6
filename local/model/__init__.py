"""A local Amazon Bedrock Runtime: the endpoint that stands where the real one would.

Functions reach their model through boto3 and an endpoint URL, here as on AWS. So this is an HTTP
server with Bedrock's wire format, and everything behind it may be exchanged without their knowing.

    boto3 ─ Converse, ConverseStream, CountTokens
      │
      app            routes, errors, one response in one piece or in frames (``stream``)
      converse       the request as types; what does not fit is a ValidationException
      answering      calls wait their turn; a caller who leaves ends the work
      │
      backends       who answers, behind one protocol:
        embedded       SmolLM2-135M on llama.cpp, or a GGUF file of the user's own
        openai         any OpenAI-compatible server
        bedrock        the real one
        scripted       a script: exact replies, errors and delays, for tests and load

Text models share what Bedrock would otherwise do for them: ``conversation`` refuses what text
cannot carry, ``transcript`` writes the conversation as text, and ``reply`` turns structured output
and tool choices into one JSON schema and its text back into content blocks.

What differs from AWS is admitted where it happens. The chief points: signatures are not checked,
every model id is answered by the one backend (``trace.promptRouter.invokedModelId`` says which
model that is), and a guardrail or an image is refused rather than ignored. The embedded model is a
demonstration: the plumbing around it is real, its judgement is not.
"""
