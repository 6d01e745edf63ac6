"""Changes of a contract, and what each direction says of them. ``f`` is the field that changes."""

from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]
Verdict = tuple[tuple[str, str], ...]
TEXT: Schema = {"type": "string", "maxLength": 40}
OK: Verdict = ()


@dataclass(frozen=True)
class Change:
    """Before, after, and by direction the places and rules that it breaks."""

    name: str
    before: Schema
    after: Schema
    backward: Verdict
    forward: Verdict


def thing(
    f: Any = None, more: Schema | None = None, *, required: tuple[str, ...] = ("id",)
) -> Schema:
    """A contract of an ``id`` and perhaps a field ``f``, and what it says besides."""
    named = {"id": TEXT} | ({} if f is None else {"f": f})
    return {"type": "object", "required": [*required], "properties": named, **(more or {})}


def field(name: str, before: Any, after: Any, backward: Verdict, forward: Verdict) -> Change:
    """A change of what an optional field may be."""
    return Change(name, thing(before), thing(after), backward, forward)


def at(place: str, *rules: str) -> Verdict:
    return tuple((place, rule) for rule in rules)


def card(kind: str, **fields: Any) -> Schema:
    """An alternative that a required constant tells from its siblings."""
    return {"type": "object", "required": ["id"], "properties": {"id": {"const": kind}, **fields}}


def referring(definition: Schema) -> Schema:
    return thing({"$ref": "#/$defs/part"}, {"$defs": {"part": definition}})


def lines(**item: Any) -> Schema:
    """A list of lists of objects."""
    inner = {"type": "object", "required": ["id"], "properties": {"id": TEXT, **item}}
    return {"type": "array", "items": {"type": "array", "items": inner}}


INT, NUM, MAP = {"type": "integer"}, {"type": "number"}, {"type": "object"}
OPEN = {"additionalProperties": True}
SHUT = {"additionalProperties": False}
CARDS = {"oneOf": [card("a", f=TEXT), card("b", g=INT)]}

FIELDS = (
    Change("an optional field is added", thing(), thing(TEXT), OK, OK),
    Change(
        "a required field is added",
        thing(),
        thing(TEXT, required=("id", "f")),
        at("/f", "required-added"),
        OK,
    ),
    Change("an optional field is removed", thing(TEXT), thing(), at("/f", "field-removed"), OK),
    Change(
        "a required field is removed",
        thing(TEXT, required=("id", "f")),
        thing(),
        at("/f", "field-removed"),
        at("/f", "required-removed"),
    ),
    Change(
        "a field is renamed",
        thing(TEXT, required=("id", "f")),
        {"type": "object", "required": ["id", "g"], "properties": {"id": TEXT, "g": TEXT}},
        (("/g", "required-added"), ("/f", "field-removed")),
        at("/f", "required-removed"),
    ),
    Change(
        "an optional field becomes required",
        thing(TEXT),
        thing(TEXT, required=("id", "f")),
        at("/f", "required-added"),
        OK,
    ),
    Change(
        "a required field becomes optional",
        thing(TEXT, required=("id", "f")),
        thing(TEXT),
        OK,
        at("/f", "required-removed"),
    ),
    Change("an open object is closed to readers, too", thing(TEXT), thing(TEXT, SHUT), OK, OK),
    Change(
        "a field is added to an object that is closed to readers",
        thing(None, SHUT),
        thing(TEXT, SHUT),
        OK,
        at("/f", "field-added-to-closed-object"),
    ),
    Change(
        "a field is added to an object that is open to writers",
        thing(None, OPEN),
        thing(TEXT, OPEN),
        at("/f", "object-narrowed"),
        OK,
    ),
    Change(
        "an object is opened to writers",
        thing(TEXT),
        thing(TEXT, OPEN),
        OK,
        OK,
    ),
    Change(
        "an object is no longer open to writers",
        thing(TEXT, OPEN),
        thing(TEXT),
        at("/*", "object-narrowed"),
        OK,
    ),
    field(
        "a free object gets named fields",
        MAP,
        thing(TEXT),
        (
            ("/f/id", "required-added"),
            ("/f/f", "object-narrowed"),
            ("/f/id", "object-narrowed"),
            ("/f/*", "object-narrowed"),
        ),
        OK,
    ),
    field(
        "a map's values are narrowed",
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": {"type": "string", "maxLength": 8}},
        at("/f/*", "maxLength-narrowed"),
        OK,
    ),
    field(
        "a map may have fewer fields",
        {"type": "object", "maxProperties": 3},
        {"type": "object", "maxProperties": 1},
        at("/f", "maxProperties-narrowed"),
        OK,
    ),
)

VALUES = (
    field("an integer may be any number", INT, NUM, OK, at("/f", "type-widened")),
    field("a number must be an integer", NUM, INT, at("/f", "type-narrowed"), OK),
    field(
        "a text becomes a number", TEXT, NUM, at("/f", "type-narrowed"), at("/f", "type-widened")
    ),
    field(
        "a text may be null",
        {"type": "string"},
        {"type": ["string", "null"]},
        OK,
        at("/f", "type-widened"),
    ),
    field(
        "a text may be null no more",
        {"type": ["string", "null"]},
        {"type": "string"},
        at("/f", "type-narrowed"),
        OK,
    ),
    field(
        "null is said in another way",
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        OK,
        OK,
    ),
    field(
        "a text may be anything",
        TEXT,
        {},
        OK,
        (
            ("/f", "type-widened"),
            ("/f", "maxLength-widened"),
        ),
    ),
    field(
        "a value is added to a list",
        {"enum": ["a", "b"]},
        {"enum": ["a", "b", "c"]},
        OK,
        at("/f", "enum-widened"),
    ),
    field(
        "a value is taken from a list",
        {"enum": ["a", "b"]},
        {"enum": ["a"]},
        at("/f", "enum-narrowed"),
        OK,
    ),
    field("the values of a list change places", {"enum": ["a", "b"]}, {"enum": ["b", "a"]}, OK, OK),
    field(
        "a list of values becomes any text",
        {"enum": ["a", "b"]},
        {"type": "string"},
        OK,
        at("/f", "enum-widened"),
    ),
    field(
        "any text becomes a list of values",
        {"type": "string"},
        {"enum": ["a", "b"]},
        at("/f", "enum-narrowed"),
        OK,
    ),
    field(
        "a constant changes",
        {"const": "a"},
        {"const": "b"},
        at("/f", "enum-narrowed"),
        at("/f", "enum-widened"),
    ),
    field(
        "a constant becomes a list",
        {"const": "a"},
        {"enum": ["a", "b"]},
        OK,
        at("/f", "enum-widened"),
    ),
    field(
        "true is not 1",
        {"const": 1},
        {"const": True},
        at("/f", "enum-narrowed"),
        at("/f", "enum-widened"),
    ),
    field("1.0 is 1", {"const": 1}, {"const": 1.0}, OK, OK),
    field(
        "both booleans are listed",
        {"type": "boolean"},
        {"enum": [True, False]},
        OK,
        OK,
    ),
    field(
        "only one boolean is left",
        {"type": "boolean"},
        {"const": True},
        at("/f", "enum-narrowed"),
        OK,
    ),
    field(
        "a text may be longer",
        TEXT,
        {"type": "string", "maxLength": 41},
        OK,
        at("/f", "maxLength-widened"),
    ),
    field(
        "a text must be shorter",
        TEXT,
        {"type": "string", "maxLength": 39},
        at("/f", "maxLength-narrowed"),
        OK,
    ),
    field(
        "a text must have characters",
        {"type": "string"},
        {"type": "string", "minLength": 1},
        at("/f", "minLength-narrowed"),
        OK,
    ),
    field(
        "a number may be larger",
        {"type": "integer", "maximum": 5},
        {"type": "integer", "maximum": 9},
        OK,
        at("/f", "maximum-widened"),
    ),
    field(
        "a number may no longer be the bound itself",
        {"type": "number", "minimum": 0},
        {"type": "number", "exclusiveMinimum": 0},
        at("/f", "exclusiveMinimum-narrowed"),
        OK,
    ),
    field(
        "a number must be a finer multiple",
        {"type": "integer", "multipleOf": 10},
        {"type": "integer", "multipleOf": 5},
        OK,
        at("/f", "multipleOf-widened"),
    ),
    field("a multiple of one says nothing new", INT, {"type": "integer", "multipleOf": 1}, OK, OK),
    field(
        "a pattern is added",
        {"type": "string"},
        {"type": "string", "pattern": "^a*$"},
        at("/f", "pattern-narrowed"),
        OK,
    ),
    field(
        "a pattern is loosened, which nobody can prove",
        {"type": "string", "pattern": "^a$"},
        {"type": "string", "pattern": "^[ab]$"},
        at("/f", "pattern-narrowed"),
        at("/f", "pattern-widened"),
    ),
    field(
        "a format is added",
        {"type": "string"},
        {"type": "string", "format": "date-time"},
        at("/f", "format-narrowed"),
        OK,
    ),
    field(
        "a format is removed",
        {"type": "string", "format": "email"},
        {"type": "string"},
        OK,
        at("/f", "format-widened"),
    ),
    field(
        "a format changes",
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        at("/f", "format-narrowed"),
        at("/f", "format-widened"),
    ),
)

WHOLES = (
    field(
        "a list may be longer",
        {"type": "array", "maxItems": 2},
        {"type": "array", "maxItems": 3},
        OK,
        at("/f", "maxItems-widened"),
    ),
    field(
        "a list must not be empty",
        {"type": "array"},
        {"type": "array", "minItems": 1},
        at("/f", "minItems-narrowed"),
        OK,
    ),
    field(
        "a list must hold nothing twice",
        {"type": "array", "items": {"enum": ["a", "b"]}},
        {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True},
        at("/f", "uniqueItems-narrowed"),
        OK,
    ),
    field(
        "the items of a list are narrowed",
        {"type": "array", "items": NUM},
        {"type": "array", "items": INT},
        at("/f/*", "type-narrowed"),
        OK,
    ),
    field(
        "the first item gets a rule of its own",
        {"type": "array", "items": TEXT},
        {"type": "array", "prefixItems": [{"const": "a"}], "items": TEXT},
        at("/f/0", "enum-narrowed"),
        OK,
    ),
    field("a field is added in a list of lists", lines(), lines(g=INT), OK, OK),
    field(
        "a field is removed in a list of lists",
        lines(g=INT),
        lines(),
        at("/f/*/*/g", "field-removed"),
        OK,
    ),
    field(
        "an alternative is added to anyOf",
        {"anyOf": [TEXT, INT]},
        {"anyOf": [TEXT, INT, {"type": "null"}]},
        OK,
        at("/f", "anyOf-widened"),
    ),
    field(
        "an alternative is taken from anyOf",
        {"anyOf": [TEXT, INT, {"type": "array"}]},
        {"anyOf": [TEXT, INT]},
        at("/f", "anyOf-narrowed"),
        OK,
    ),
    field(
        "one alternative is narrowed",
        {"anyOf": [TEXT, INT]},
        {"anyOf": [{"type": "string", "maxLength": 4}, INT]},
        at("/f", "maxLength-narrowed"),
        OK,
    ),
    field(
        "an only rule gets a sibling", TEXT, {"anyOf": [TEXT, INT]}, OK, at("/f", "type-widened")
    ),
    Change("alternatives change places", CARDS, {"oneOf": CARDS["oneOf"][::-1]}, OK, OK),
    Change(
        "an alternative is added to oneOf",
        CARDS,
        {"oneOf": [*CARDS["oneOf"], card("c")]},
        OK,
        at("", "oneOf-widened"),
    ),
    Change(
        "an optional field is added to one alternative",
        CARDS,
        {"oneOf": [card("a", f=TEXT, g=TEXT), CARDS["oneOf"][1]]},
        OK,
        OK,
    ),
    field(
        "oneOf overlaps from now on",
        TEXT,
        {"oneOf": [TEXT, {**TEXT, "minLength": 1}]},
        at("/f", "not-provable"),
        OK,
    ),
    Change("a rule moves to $defs", thing(TEXT), referring(TEXT), OK, OK),
    Change(
        "what a $ref names is narrowed",
        referring(TEXT),
        referring({"type": "string", "maxLength": 4}),
        at("/f", "maxLength-narrowed"),
        OK,
    ),
    Change(
        "a definition that nothing uses changes",
        thing(TEXT, {"$defs": {"part": TEXT}}),
        thing(TEXT, {"$defs": {"part": INT}}),
        OK,
        OK,
    ),
    Change(
        "only the words change",
        thing({**TEXT, "description": "a"}, {"title": "A"}),
        thing({**TEXT, "description": "b", "examples": ["x"], "deprecated": True}, {"title": "B"}),
        OK,
        OK,
    ),
    field("a default is added", TEXT, {**TEXT, "default": "a"}, OK, OK),
    field(
        "a rule is split with allOf",
        {"type": "string", "minLength": 1, "maxLength": 5},
        {"allOf": [{"type": "string", "minLength": 1}, {"maxLength": 5}]},
        at("/f", "not-provable"),
        at("/f", "not-provable"),
    ),
    Change(
        "a condition is added",
        thing(TEXT),
        thing(TEXT, {"if": {"required": ["f"]}, "then": {"required": ["g"]}}),
        at("", "not-provable"),
        OK,
    ),
    Change(
        "anything is allowed, beside an alternative that names fields within allOf",
        {"type": "object", "properties": {"f": TEXT}},
        {"anyOf": [{}, {"type": "string", "allOf": [{"properties": {}}]}]},
        at("/f", "field-removed"),
        (("/f", "object-widened"), ("", "type-widened")),
    ),
    Change(
        "an unchanged condition stands beside a changed text",
        thing(TEXT, {"not": {"required": ["g"]}, "title": "A"}),
        thing(TEXT, {"not": {"required": ["g"]}, "title": "B"}),
        OK,
        OK,
    ),
)

CHANGES = (*FIELDS, *VALUES, *WHOLES)
