"""The whole of it: starts everything that a region's templates ask for, and stops it again.

templates ─▶ moto ─▶ provision ─┐     ┌─ gateway
model ──────────────────────────┼────▶├─ pollers ──▶ workers, each started by its first call
identity ───────────────────────┘     └─ stack.json
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import ParamSpec, Self, TypeVar

from local import (
    appconfig,
    event_sources,
    functions,
    kinds,
    layers,
    provision,
    resources,
    rest_api,
    schedules,
    spans,
    synth,
)
from local import services as stand_ins
from local import template as templates
from local.appconfig import AppConfigServer
from local.aws import Aws
from local.children import Nursery, interrupt_on_termination
from local.event_sources import EventSource
from local.functions import Function
from local.gateway import LocalGateway
from local.identity import Minter
from local.identity_server import IdentityServer
from local.lambda_api import LambdaApi
from local.logs import Listener, Logs, nobody
from local.metering import Metering
from local.otlp_server import OtlpServer
from local.pollers import Poller
from local.provision import Target
from local.resources import Resource
from local.sandbox import Host
from local.schedules import Clock, Schedule
from local.server import GatewayServer
from local.services import Service
from local.state import FOLDER, Claim, Running
from local.template import TemplateError
from local.workers import Workers

OnStep = Callable[[str, float], None]
"""Told of each step that is done, and of the seconds that it took."""
Given = ParamSpec("Given")
Done = TypeVar("Done")
WATCH_SECONDS = 0.5
DEFAULT_REGION = "eu-central-1"


def silent(step: str, seconds: float) -> None:
    """Tells nobody."""


@dataclass(kw_only=True)
class LocalStack:
    """One region of the product on this machine; a context manager."""

    region: str = DEFAULT_REGION
    port: int = 0
    """Of the gateway; 0 takes a free one."""
    model: str | None = None
    """What GATEHOUSE_MODEL may say; None leaves it to that variable."""
    state_dir: Path = FOLDER
    assembly: Path | None = None
    """A cloud assembly to run as it is; without one, the region is synthesized."""
    redelivery_seconds: int | None = None
    """Departs from AWS: see :class:`local.provision.Target`."""
    environments: int = 1
    """Departs from AWS: see :class:`local.workers.Pool`."""
    forward_spans: str | None = None
    """The OTLP endpoint of a tool that gets all spans, too."""
    on_step: OnStep = silent
    on_log: Listener = nobody
    running: Running = field(init=False, repr=False)
    """What other processes are told too; known once the stack was started, as the next two are."""
    aws: Aws = field(init=False, repr=False)
    workers: Workers = field(init=False, repr=False)
    _logs: Logs = field(init=False, repr=False)
    _undo: ExitStack = field(init=False, repr=False, default_factory=ExitStack)
    _services: list[Service] = field(init=False, repr=False, default_factory=list)
    _pollers: list[Poller] = field(init=False, repr=False, default_factory=list)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start everything, or nothing.

        SIGTERM means what Ctrl-C means from here on: KeyboardInterrupt in the main thread.

        Raises:
            AlreadyRunning: another runner uses the state folder.
            TemplateError: the templates cannot be run here; the message says what to do.
            ServiceFailed: moto or the chosen model did not start.
            OSError: the port is taken.
        """
        self._services, self._pollers = [], []
        with ExitStack() as undo:
            undo.callback(Claim(self.state_dir).release)
            interrupt_on_termination(undo)
            nursery = Nursery()
            undo.callback(self._join_pollers)  # after moto is gone, since they wait for it
            undo.callback(nursery.stop)
            with ThreadPoolExecutor() as threads:
                try:
                    self._bring_up(undo, nursery, threads)
                except BaseException:
                    nursery.stop()  # or the pool would wait for what is still starting
                    raise
            self._undo = undo.pop_all()
        return self

    def stop(self) -> None:
        """Stop everything that runs."""
        self._undo.close()

    def wait(self) -> None:
        """Watch until somebody stops the runner.

        Raises:
            KeyboardInterrupt: on Ctrl-C and on SIGTERM.
            ServiceFailed: moto or the model's endpoint died.
        """
        while True:
            for service in self._services:
                service.check()
            sleep(WATCH_SECONDS)

    @property
    def identity(self) -> Minter:
        """Makes tokens that the running stack accepts."""
        return Minter.load(self.state_dir / "identity")

    def _bring_up(self, undo: ExitStack, nursery: Nursery, threads: ThreadPoolExecutor) -> None:
        self._logs = Logs(self.state_dir / "logs", self.on_log)
        identity = threads.submit(self._timed, "identity", self._start_identity, undo)
        model = threads.submit(
            self._timed,
            "model",
            stand_ins.start_model,
            nursery,
            self.model,
            self._logs.writer("model"),
        )
        folder = self._timed("templates", self._templates, nursery)
        stacks = templates.load(folder, self.region)
        moto = self._timed(
            "aws", stand_ins.start_moto, nursery, stacks[0].account, self._logs.writer("aws")
        )
        found = resources.of(stacks, moto.url)
        self.aws = Aws(moto.url, self.region)
        self._timed("provision", self._provision, found)
        self._services += [moto, model.result()]
        flags = self._timed("flags", self._start_appconfig, undo, found)
        otlp = self._timed("spans", self._start_otlp, undo)
        self.workers = self._timed(
            "functions", self._prepare, folder, identity.result(), flags, otlp
        )
        undo.callback(self.workers.stop)
        self.running = self._timed("gateway", self._open, undo, found, identity.result())
        self.running.save(self.state_dir)

    def _timed(
        self, step: str, do: Callable[Given, Done], *args: Given.args, **kwargs: Given.kwargs
    ) -> Done:
        began = monotonic()
        done = do(*args, **kwargs)
        self.on_step(step, monotonic() - began)
        return done

    def _start_identity(self, undo: ExitStack) -> IdentityServer:
        server = IdentityServer(self.state_dir / "identity")
        undo.callback(server.stop)
        return server

    def _start_appconfig(self, undo: ExitStack, found: Sequence[Resource]) -> AppConfigServer:
        server = AppConfigServer(self.state_dir / appconfig.FOLDER, appconfig.of(found))
        undo.callback(server.stop)
        return server

    def _start_otlp(self, undo: ExitStack) -> OtlpServer:
        folder, write = self.state_dir / spans.FOLDER, self._logs.writer("spans")
        server = OtlpServer(folder, write, self.forward_spans)
        undo.callback(server.stop)
        return server

    def _templates(self, nursery: Nursery) -> Path:
        write = self._logs.writer("synth")
        return self.assembly or synth.assembly(nursery, self.region, write)

    def _provision(self, found: Sequence[Resource]) -> None:
        kinds.check(found)
        provision.provision(found, Target(self.aws, self.redelivery_seconds))

    def _prepare(
        self, folder: Path, identity: IdentityServer, flags: AppConfigServer, otlp: OtlpServer
    ) -> Workers:
        moto, model = self._services
        host = Host(
            region=self.region,
            runtime=layers.runtime(),
            endpoints={
                "AWS_ENDPOINT_URL": moto.url,
                "AWS_ENDPOINT_URL_APPCONFIGDATA": flags.url,
                "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": model.url,
                "SSL_CERT_FILE": str(identity.authority.resolve()),
                **otlp.variables,
            },
            bytecode=(self.state_dir / "bytecode").resolve(),
        )

        def read() -> tuple[Function, ...]:
            found = resources.of(templates.load(folder, self.region), moto.url)
            longest = self._longest_seconds(event_sources.of(found))
            return functions.of(found, layers.host_twin, identity.take_over, longest)

        catalogue = functions.Catalogue(
            folder / "manifest.json", read, self._logs.writer("functions")
        )
        return Workers(catalogue, host, self._logs, environments=self.environments)

    def _longest_seconds(self, sources: Sequence[EventSource]) -> dict[str, int]:
        """A consumer must be done before its message comes back, also when that is hastened."""
        if self.redelivery_seconds is None:
            return {}
        return {functions.arn_of(s.function_arn): self.redelivery_seconds - 1 for s in sources}

    def _open(
        self, undo: ExitStack, found: Sequence[Resource], identity: IdentityServer
    ) -> Running:
        """Let requests and messages in."""
        api = rest_api.of(found)
        if api is None:
            msg = "the templates have no REST API, so there is nothing to call"
            raise TemplateError(msg)
        server = GatewayServer(LocalGateway(api, self.workers.invoke), self.port)
        undo.callback(server.stop)
        self._poll(undo, event_sources.of(found))
        self._schedule(undo, schedules.of(found))
        moto, model = self._services
        self._meter(undo, model.url)
        lambda_api = LambdaApi(functions.handlers(found), self.workers.invoke)
        undo.callback(lambda_api.stop)
        return Running(
            pid=os.getpid(),
            region=self.region,
            gateway_url=f"{server.url}/{api.stage_name}",
            aws_url=moto.url,
            lambda_url=lambda_api.url,
            model_url=model.url,
            model=model.said,
            identity_url=identity.url,
            functions=self.workers.names,
            queues={r.name: r.ref for r in found if r.type == "AWS::SQS::Queue"},
            tables=tuple(r.name for r in found if r.type == "AWS::DynamoDB::Table"),
            topics=tuple(r.ref for r in found if r.type == "AWS::SNS::Topic"),
            logs=(self.state_dir / "logs").resolve(),
        )

    def _poll(self, undo: ExitStack, sources: Sequence[EventSource]) -> None:
        for source in sources:
            write = self._logs.writer(functions.name_of(source.function_arn))
            sqs, invoke = self.aws.client("sqs"), self.workers.invoke
            poller = Poller(source, sqs, invoke, write, environments=self.environments)
            self._pollers.append(poller)
            undo.callback(poller.stop)
            poller.start()

    def _schedule(self, undo: ExitStack, found: Sequence[Schedule]) -> None:
        for schedule in found:
            clock = Clock(schedule, self.workers.invoke)
            undo.callback(clock.join)
            undo.callback(clock.stop)
            clock.start()

    def _meter(self, undo: ExitStack, model_url: str) -> None:
        metering = Metering(model_url, self.aws, self._logs.writer("model"))
        undo.callback(metering.join)
        undo.callback(metering.stop)
        metering.start()

    def _join_pollers(self) -> None:
        for poller in self._pollers:
            poller.join()
