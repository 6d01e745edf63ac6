"""The functions of a template, as what a worker process needs to know of each.

Aliases and versions all mean the bundle as it lies on disk. On AWS a version is a snapshot taken at
its publication; here there is one time, now.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from local.logs import Write
from local.resources import Resource
from local.template import JsonObject, TemplateError


@dataclass(frozen=True, kw_only=True)
class Function:
    """One Lambda function, ready to be started."""

    name: str
    arn: str
    handler: str
    runtime: str
    bundle: Path
    layers: tuple[Path, ...]
    timeout_seconds: int
    memory_mb: int
    environment: Mapping[str, str]
    logging: Mapping[str, str]
    snap_start: bool


Layers = Callable[[Path], Path]
"""From a layer's asset, built for Lambda's machine, to its twin for this one."""
Rewrite = Callable[[Mapping[str, str]], Mapping[str, str]]
"""What becomes of a template's environment: the local identity provider takes its place there."""


def of(
    resources: Iterable[Resource],
    layers: Layers,
    rewrite: Rewrite,
    longest_seconds: Mapping[str, int],
) -> tuple[Function, ...]:
    """Every function of the templates.

    ``longest_seconds`` shortens the time of some functions, by their ARN: see
    :class:`local.provision.Target`.
    """
    resources = tuple(resources)
    known = {r.ref: r for r in resources if r.type == "AWS::Lambda::LayerVersion"}
    found = []
    for resource in resources:
        if resource.type == "AWS::Lambda::Function":
            # Layers that are not ours are AWS's own extensions, which exist on AWS only.
            ours = [known[ref] for ref in resource.properties.get("Layers", ()) if ref in known]
            folders = tuple(layers(_asset(layer, "Content")) / "python" for layer in ours)
            function = _function(resource, folders, rewrite)
            seconds = min(function.timeout_seconds, longest_seconds.get(function.arn, 900))
            found.append(replace(function, timeout_seconds=seconds))
    return tuple(found)


def handlers(resources: Iterable[Resource]) -> dict[str, str]:
    """The handler of every function, by the function's ARN."""
    found = (r for r in resources if r.type == "AWS::Lambda::Function")
    return {r.attribute("Arn"): str(r.properties["Handler"]) for r in found}


class Catalogue:
    """The functions as the assembly on disk has them; read again when it is written anew.

    What else changed in the templates (a table, a route) needs a restart.
    """

    def __init__(
        self, manifest: Path, read: Callable[[], Iterable[Function]], write: Write
    ) -> None:
        """Read once; ``write`` is told when a later reading fails, and the last one then holds."""
        self._manifest = manifest
        self._read = read
        self._write = write
        self._lock = Lock()
        self._seen = _stamp(manifest)
        self._functions = {function.name: function for function in read()}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._functions)

    def __getitem__(self, name: str) -> Function:
        with self._lock:
            self._refresh()
            return self._functions[name]

    def _refresh(self) -> None:
        try:
            written = _stamp(self._manifest)
        except FileNotFoundError:
            return  # It is being written at this moment.
        if written == self._seen:
            return
        try:
            self._functions |= {function.name: function for function in self._read()}
        except TemplateError as error:
            self._write(f"the new templates cannot be run, the last ones stay: {error}")
        self._seen = written


def _stamp(path: Path) -> tuple[int, int]:
    """Changes whenever a file is written anew, also twice within one tick of the clock."""
    status = path.stat()
    return status.st_ino, status.st_ctime_ns


def arn_of(arn: str) -> str:
    """The function's own ARN, without an alias or version."""
    return ":".join(arn.split(":")[:7])


def name_of(arn: str) -> str:
    """The function's name in an ARN with or without an alias or version."""
    return arn.split(":")[6]


def _function(resource: Resource, layers: tuple[Path, ...], rewrite: Rewrite) -> Function:
    properties = resource.properties
    environment = properties.get("Environment", {}).get("Variables", {})
    return Function(
        name=resource.name,
        arn=resource.attribute("Arn"),
        handler=properties["Handler"],
        runtime=properties["Runtime"],
        bundle=_asset(resource, "Code"),
        layers=layers,
        timeout_seconds=int(properties.get("Timeout", 3)),
        memory_mb=int(properties.get("MemorySize", 128)),
        environment=rewrite({name: str(value) for name, value in environment.items()}),
        logging=properties.get("LoggingConfig", {}),
        snap_start=properties.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions",
    )


def _asset(resource: Resource, name: str) -> Path:
    """The folder behind a property that names an object in the assets bucket."""
    code: JsonObject = resource.properties[name]
    folder = resource.scope.stack.assets.get(str(code.get("S3Key")))
    if folder is None or not folder.is_dir():
        msg = (
            f"{resource.where}: its {name} is {json.dumps(code)}, which is no asset folder of the "
            "cloud assembly; the local runner starts functions from folders only"
        )
        raise TemplateError(msg)
    return folder.resolve()
