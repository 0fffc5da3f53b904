"""The OpenAPI file as something tests can ask: does this answer look as promised?"""

import re

import jsonschema
import yaml

from lib.places import ROOT


class Specification:
    def __init__(self):
        self.document = yaml.safe_load((ROOT / "schema" / "openapi.yaml").read_text())

    def operations(self):
        """(METHOD, path) of everything that is described."""
        methods = {"get", "post", "put", "patch", "delete"}
        return {
            (method.upper(), path)
            for path, item in self.document["paths"].items()
            for method in item
            if method in methods
        }

    def operation(self, method, path):
        for pattern, item in self.document["paths"].items():
            expression = re.sub(r"\{[^}]+\}", "[^/]+", pattern)
            literal = "{" not in pattern or path == pattern
            if re.fullmatch(expression, path) and (literal or path not in self.document["paths"]):
                return item[method.lower()]
        raise AssertionError(f"{method} {path} is not in openapi.yaml")

    def check(self, response):
        """The status is one that is promised, and the body has its schema."""
        operation = self.operation(response.request.method, response.request.url.path)
        promised = operation["responses"]
        described = promised.get(str(response.status_code), promised["default"])
        if "$ref" in described:
            described = self.resolve(described["$ref"])
            assert response.status_code >= 400, f"{response.status_code} is not promised: {response.text}"
        content = described.get("content")
        if not content:
            assert not response.content, f"a body was not promised: {response.text}"
            return response
        kind = response.headers["content-type"].split(";")[0]
        assert kind in content, f"{kind} is not promised"
        if kind.endswith("json"):
            self.validate(response.json(), content[kind]["schema"])
        return response

    def resolve(self, reference):
        node = self.document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        return node

    def validate(self, value, schema):
        jsonschema.Draft202012Validator(
            {**schema, "components": self.document["components"]},
            format_checker=jsonschema.FormatChecker(["date", "uuid"]),
        ).validate(value)
