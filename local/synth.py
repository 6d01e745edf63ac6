"""Has the templates of a region written, if they are not up to date.

In a process of its own: the CDK starts a Node.js process that lives as long as its parent.
"""

import os
from pathlib import Path

from local.children import Nursery
from local.logs import Write
from local.template import TemplateError

ROOT = Path(__file__).parent.parent


def assembly(nursery: Nursery, region: str, write: Write) -> Path:
    """The folder of the region's cloud assembly.

    Raises:
        TemplateError: the configuration was refused; the message is the synth's own.
    """
    out = ROOT / "build" / "synth" / region
    arguments = ("--region", region, "--output", str(out))
    child = nursery.start("infra.synth", *arguments, env=os.environ, cwd=ROOT)
    said = []
    with child.output as output:
        for raw in output:
            said.append(raw.decode(errors="replace").rstrip())
            write(said[-1])
    if child.wait():
        raise TemplateError("\n".join(said))
    return out
