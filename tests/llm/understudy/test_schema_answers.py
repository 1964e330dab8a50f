import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from greenroom.errors import InvalidInput, Unsupported
from greenroom.llm.understudy.schema_answers import answer


def say(field: str) -> str:
    return f"Something about {field or 'it'}."


def answered(schema: Any, seed: int = 1) -> Any:
    """An answer, checked and as a reader of its JSON sees it."""
    made = json.loads(json.dumps(answer(schema, say, seed), allow_nan=False))
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(made)
    return made


WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "degrees": {"type": "number", "minimum": -40, "maximum": 50},
        "sky": {"enum": ["clear", "cloudy"]},
        "days": {"type": "array", "items": {"type": "string", "format": "date"}, "minItems": 2, "uniqueItems": True},
    },
    "required": ["city", "degrees", "sky", "days"],
    "additionalProperties": False,
}
TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            },
            "required": ["value", "children", "next"],
        }
    },
}
CAT_OR_DOG = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer", "maximum": 9}},
            "required": ["kind", "lives"],
        },
        {
            "type": "object",
            "properties": {"kind": {"const": "dog"}, "good": {"const": True}},
            "required": ["kind", "good"],
        },
    ]
}


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        WEATHER,
        TREE,
        CAT_OR_DOG,
        {
            "allOf": [
                {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
                {"type": "object", "required": ["b"]},
            ]
        },
        {"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"required": ["b"]}, "type": "object"},
        {"not": {"type": "string"}},
        {"type": "integer", "not": {"minimum": 5}},
        {"type": ["null", "integer"], "exclusiveMinimum": 3, "multipleOf": 7},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
        {"type": "number", "multipleOf": 0.01, "minimum": 1.005, "maximum": 1.02},
        {"type": "number", "minimum": 1e308},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True},
        {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": 9},
            "minItems": 10,
            "uniqueItems": True,
        },
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}], "items": False, "minItems": 2},
        {"type": "array", "contains": {"const": 5}, "items": {"type": "integer"}, "minContains": 2},
        {
            "type": "object",
            "minProperties": 3,
            "propertyNames": {"pattern": "^k[0-9]+$"},
            "additionalProperties": {"type": "null"},
        },
        {
            "type": "object",
            "patternProperties": {"^x-": {"type": "integer"}},
            "additionalProperties": False,
            "minProperties": 1,
        },
        {"type": "object", "properties": {"a": {"type": "string"}}, "dependentRequired": {"a": ["b"]}},
        {
            "type": "object",
            "properties": {"a": {}},
            "dependentSchemas": {"a": {"required": ["c"], "properties": {"c": {"type": "null"}}}},
        },
        {"type": "string", "minLength": 30, "maxLength": 31},
        {"type": "string", "maxLength": 0},
        {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "minLength": 12},
        {"enum": [1, "two", None]},
        {"$anchor": "here", "type": "object", "properties": {"again": {"$ref": "#here"}}},
    ],
)
def test_an_answer_is_what_the_schema_accepts(schema: Any) -> None:
    for seed in range(4):
        answered(schema, seed)


@pytest.mark.parametrize(
    "form",
    [
        "date-time",
        "date",
        "time",
        "email",
        "uuid",
        "ipv4",
        "ipv6",
        "regex",
        "hostname",
        "uri",
        "duration",
        "json-pointer",
    ],
)
def test_texts_have_the_format_that_is_asked_for(form: str) -> None:
    assert answered({"type": "string", "format": form})


def test_the_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    assert answered(WEATHER, 1) == answered(WEATHER, 1)
    assert any(answered(WEATHER, 1) != answered(WEATHER, seed) for seed in range(2, 6))


def test_text_fields_are_filled_with_what_is_said_for_them() -> None:
    assert answered(WEATHER)["city"] == "Something about city."


def test_fields_stand_in_the_order_of_the_schema() -> None:
    assert list(answered(WEATHER)) == ["city", "degrees", "sky", "days"]


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "integer", "minimum": 5, "maximum": 4}, "no value was found"),
        (False, "nothing is allowed"),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 3, "uniqueItems": True}, "no value was found"),
        ({"$ref": "https://example.org/schema.json"}, "points out of the schema"),
        ({"$ref": "#/$defs/missing"}, "leads nowhere"),
        ({"type": "string", "pattern": "(?<=a)b"}, "not read here"),
    ],
)
def test_what_cannot_be_satisfied_is_refused_with_the_reason(schema: Any, why: str) -> None:
    with pytest.raises(Unsupported, match=why):
        answer(schema, say, 1)


@pytest.mark.parametrize("schema", [{"type": "nonsense"}, {"minimum": "low"}, [1], 5])
def test_what_is_no_schema_is_invalid_input(schema: Any) -> None:
    with pytest.raises(InvalidInput):
        answer(schema, say, 1)


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"type": "object", "required": ["x"], "properties": {"x": {"$ref": "#"}}},
        {
            "$ref": "#/$defs/a0",
            "$defs": {f"a{i}": {"allOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(40)} | {"a40": {}},
        },
        {"type": "array", "minItems": 10**9},
        {"type": "string", "minLength": 10**9},
        {
            "type": "array",
            "minItems": 90,
            "items": {"type": "array", "minItems": 90, "items": {"type": "array", "minItems": 90}},
        },
        {"enum": ["a" * 40 + "!"], "pattern": "^(a+)+$"},
        {"type": "object", "minProperties": 10**9},
        {"type": "object", "properties": {f"p{i}": {} for i in range(9000)}},
        nested(2_000),
    ],
)
def test_a_hostile_schema_ends_soon_and_clearly(schema: Any) -> None:
    with pytest.raises(Unsupported):
        answer(schema, say, 1)


def scalars() -> st.SearchStrategy[dict[str, Any]]:
    bounds = st.tuples(st.integers(-1000, 1000), st.integers(0, 1000))
    return st.one_of(
        bounds.map(lambda b: {"type": "integer", "minimum": b[0], "maximum": b[0] + b[1]}),
        bounds.map(lambda b: {"type": "number", "exclusiveMinimum": b[0], "exclusiveMaximum": b[0] + b[1] + 0.5}),
        st.integers(1, 50).map(lambda step: {"type": "integer", "multipleOf": step}),
        st.tuples(st.integers(0, 40), st.integers(0, 40)).map(
            lambda lengths: {"type": "string", "minLength": lengths[0], "maxLength": sum(lengths)}
        ),
        st.sampled_from(["^[A-Z]{2}\\d+$", "ab|cd", "^\\S+$"]).map(lambda p: {"type": "string", "pattern": p}),
        st.sampled_from(["date-time", "email", "uuid", "ipv4"]).map(lambda f: {"type": "string", "format": f}),
        st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=5)), min_size=1, unique_by=repr).map(
            lambda e: {"enum": e}
        ),
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)).map(lambda value: {"const": value}),
        st.just({"type": ["boolean", "null"]}),
    )


def compounds(parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from(["name", "reply", "score", "tags", "a b", "ключ"])
    objects = st.tuples(st.dictionaries(names, parts, max_size=4), st.booleans()).map(
        lambda drawn: {
            "type": "object",
            "properties": drawn[0],
            "required": list(drawn[0])[::2],
            "additionalProperties": drawn[1],
        }
    )
    arrays = st.tuples(parts, st.integers(0, 3)).map(
        lambda drawn: {"type": "array", "items": drawn[0], "minItems": drawn[1], "maxItems": drawn[1] + 1}
    )
    rows = st.lists(parts, min_size=1, max_size=3).map(
        lambda p: {"type": "array", "prefixItems": p, "minItems": len(p)}
    )
    either = st.lists(parts, min_size=1, max_size=3).map(lambda options: {"anyOf": options})
    named = parts.map(lambda part: {"allOf": [part], "title": "Titled"})
    return st.one_of(objects, arrays, rows, either, named)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(scalars(), compounds, max_leaves=8), st.integers(0, 2**64))
def test_any_satisfiable_schema_gets_a_valid_answer(schema: dict[str, Any], seed: int) -> None:
    answered(schema, seed)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["string", "object", "#", "a"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "items",
                    "anyOf",
                    "not",
                    "enum",
                    "$ref",
                    "required",
                    "pattern",
                    "minItems",
                    "if",
                    "allOf",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_anything_at_all_is_answered_or_refused(schema: Any) -> None:
    try:
        made = answer(schema, say, 1)
    except (InvalidInput, Unsupported):
        return
    Draft202012Validator(schema).validate(made)
