"""Schemas of the kinds that operators bring: the fields of them that these manifests use, and no others."""

from pathlib import Path

import yaml

FIELDS = yaml.safe_load((Path(__file__).parent / "operator_kinds.yaml").read_text())


def schema_of(item):
    """The schema of an object's `spec`, or none if its kind is Kubernetes' own."""
    fields = FIELDS.get(f"{item['apiVersion']} {item['kind']}")
    return fields and schema(fields)


def schema(fields):
    """JSON Schema for a tree of fields, as operator_kinds.yaml explains it."""
    match fields:
        case str() if "|" in fields:
            return {"enum": fields.split("|")}
        case str():
            return {"type": fields}
        case [items]:
            return {"type": "array", "minItems": 1, "items": schema(items)}
        case {"*": values}:
            return {"type": "object", "additionalProperties": schema(values)}
        case _:
            return {
                "type": "object",
                "properties": {name.rstrip("!"): schema(inner) for name, inner in fields.items()},
                "required": [name.rstrip("!") for name in fields if name.endswith("!")],
                "additionalProperties": False,
            }
