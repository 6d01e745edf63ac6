"""The resources of a region's stacks, with their intrinsics resolved on demand and across stacks.

A property is computed when someone reads it, so a resource that nobody needs locally may hold what
cannot be known here.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from local import intrinsics, physical
from local.template import JsonObject, Stack, TemplateError

BOOTSTRAP_VERSION = "30"
"""What a bootstrapped account's version parameter says; CDK checks it at deploy only."""


class Resource:
    """One resource: its properties, what it is called, and where it stands for messages."""

    def __init__(self, scope: "Scope", logical_id: str) -> None:
        body = scope.stack.resources[logical_id]
        self.scope = scope
        self.logical_id = logical_id
        self.type: str = body["Type"]
        self.metadata: JsonObject = body.get("Metadata", {})
        self._raw: JsonObject = body.get("Properties", {})

    @property
    def where(self) -> str:
        return f"{self.scope.stack.name}/{self.logical_id} ({self.type})"

    @cached_property
    def properties(self) -> JsonObject:
        found: JsonObject = self._resolve(self._raw, self.where)
        return found

    @cached_property
    def name(self) -> str:
        named_by = self._shape.named_by
        if named_by in self._raw:
            return str(self._resolve(self._raw[named_by], f"{self.where}.{named_by}"))
        stack, longest = self.scope.stack.name, self._shape.longest
        return physical.generated_name(stack, self.logical_id, self.type, longest)

    @cached_property
    def ref(self) -> str:
        """What ``Ref`` gives: the key under which other resources know this one."""
        return self._write(self._shape.ref)

    def attribute(self, name: str) -> str:
        """What ``Fn::GetAtt`` gives."""
        if name not in self._shape.attributes:
            msg = f"{self.where}: add the attribute {name!r} to its shape in local/physical.py"
            raise TemplateError(msg)
        return self._write(self._shape.attributes[name])

    @property
    def _shape(self) -> physical.Shape:
        if self.type not in physical.SHAPES:
            msg = (
                f"{self.where}: something refers to this resource, but the local runner does not "
                f"know what a {self.type} is called; add its shape to local/physical.py"
            )
            raise TemplateError(msg)
        return physical.SHAPES[self.type]

    def _write(self, text: str) -> str:
        known = physical.identifiers(self.scope.stack.name, self.logical_id)
        place = self.scope.place
        known |= {"account": place.account, "region": place.region}
        known |= {"partition": place.partition, "endpoint": place.endpoint}
        return text.format_map(physical.Fields(known, self._field))

    def _field(self, name: str) -> str:
        match name:
            case "name":
                return self.name
            case "function_arn":
                return physical.function_arn(self.scope.place, self._field("FunctionName"))
            case _:
                return str(self._resolve(self._raw[name], f"{self.where}.{name}"))

    def _resolve(self, value: Any, path: str) -> Any:
        try:
            return intrinsics.resolve(self.scope, value, path)
        except RecursionError:
            msg = f"{path}: its value depends on itself"
            raise TemplateError(msg) from None


class Scope:
    """One stack's names: its parameters, conditions and resources, and every stack's exports."""

    def __init__(self, stack: Stack, endpoint: str, exports: "Exports") -> None:
        self.stack = stack
        self.place = physical.Place(stack.account, stack.region, endpoint)
        self._exports = exports

    def resources(self) -> list[Resource]:
        """Every resource whose condition holds, in the template's order."""
        return [
            Resource(self, logical_id)
            for logical_id, body in self.stack.resources.items()
            if "Condition" not in body
            or intrinsics.holds(self, {"Condition": body["Condition"]}, logical_id)
        ]

    def ref(self, name: str, path: str) -> Any:
        pseudo = self._pseudo_parameters
        if name in pseudo:
            return pseudo[name]
        parameter = self.stack.template.get("Parameters", {}).get(name)
        if parameter is not None:
            return _parameter(name, parameter, path)
        return self._resource(name, path).ref

    def attribute(self, logical_id: str, name: str, path: str) -> Any:
        return self._resource(logical_id, path).attribute(name)

    def condition(self, name: str, path: str) -> Any:
        return self._entry(("Conditions", name), path)

    def mapped(self, table: str, first: str, second: str, path: str) -> Any:
        return self._entry(("Mappings", table, first, second), path)

    def exported(self, name: str, path: str) -> Any:
        return self._exports.value(name, path)

    @cached_property
    def _pseudo_parameters(self) -> JsonObject:
        place, name = self.place, self.stack.name
        return {
            "AWS::AccountId": place.account,
            "AWS::NoValue": intrinsics.NO_VALUE,
            "AWS::Partition": place.partition,
            "AWS::Region": place.region,
            "AWS::StackId": f"arn:{place.partition}:cloudformation:{place.region}:{place.account}"
            f":stack/{name}/{physical.digest(name)}",
            "AWS::StackName": name,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def _resource(self, logical_id: str, path: str) -> Resource:
        if logical_id not in self.stack.resources:
            msg = f"{path}: the template has neither a parameter nor a resource {logical_id!r}"
            raise TemplateError(msg)
        return Resource(self, logical_id)

    def _entry(self, keys: tuple[str, ...], path: str) -> Any:
        value: Any = self.stack.template
        for key in keys:
            if key not in value:
                msg = f"{path}: the template has no {'.'.join(keys)}"
                raise TemplateError(msg)
            value = value[key]
        return value


def _parameter(name: str, parameter: JsonObject, path: str) -> Any:
    """A parameter's default; nobody is here to give another value."""
    default = parameter.get("Default")
    if default is None:
        msg = f"{path}: the parameter {name!r} has no default, and the local runner passes none"
        raise TemplateError(msg)
    if not parameter["Type"].startswith("AWS::SSM::Parameter::Value"):
        return default
    if default.startswith("/cdk-bootstrap/"):
        return BOOTSTRAP_VERSION
    msg = f"{path}: the parameter {name!r} reads {default!r} from the account; there is none here"
    raise TemplateError(msg)


@dataclass(frozen=True, slots=True)
class Export:
    """A value that a stack offers to the others."""

    scope: Scope
    value: Any
    path: str


class Exports:
    """What the stacks of a region export to one another."""

    def __init__(self) -> None:
        self._found: dict[str, Export] = {}

    def add(self, scope: Scope) -> None:
        for id_, output in scope.stack.template.get("Outputs", {}).items():
            path = f"{scope.stack.name}.Outputs.{id_}"
            if "Export" in output:
                name = intrinsics.resolve(scope, output["Export"]["Name"], path)
                self._found[name] = Export(scope, output["Value"], path)

    def value(self, name: str, path: str) -> Any:
        if name not in self._found:
            msg = f"{path}: no stack of this region exports {name!r}"
            raise TemplateError(msg)
        export = self._found[name]
        return intrinsics.resolve(export.scope, export.value, export.path)


def of(stacks: tuple[Stack, ...], endpoint: str) -> tuple[Resource, ...]:
    """All resources of a region's stacks, ready to be read."""
    exports = Exports()
    scopes = [Scope(stack, endpoint, exports) for stack in stacks]
    for scope in scopes:
        exports.add(scope)
    return tuple(resource for scope in scopes for resource in scope.resources())
