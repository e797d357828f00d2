"""openapi.yaml and the server say the same: each of its routes and statuses is really served, real
answers fit its schemas, and nothing is served that it does not name.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import jsonschema
import openapi_spec_validator
import pytest
import yaml

import forms
import images
from service import KEY, ROOT, Service
from wire import Answer, Wire, exchange

DOCUMENT = yaml.safe_load((ROOT / "openapi" / "openapi.yaml").read_text())
METHODS = ("get", "head", "post", "options", "put", "delete", "patch", "trace")


def resolve(node: dict) -> dict:
    """Follows a reference within the document."""
    while "$ref" in node:
        found = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def operations() -> Iterator[tuple[str, str, dict]]:
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def responses(operation: dict) -> dict[str, dict]:
    return {status: resolve(response) for status, response in operation["responses"].items()}


def check(instance: object, schema: dict) -> None:
    """Validates against a schema that may refer to the document's components."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema",
             "components": DOCUMENT["components"], **schema}
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(whole, format_checker=checker).validate(instance)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("openapi") / "data", HEADER_TIMEOUT=1, BODY_TIMEOUT=1,
                      MAX_FILE_BYTES=100_000, MAX_REQUEST_BYTES=200_000, MAX_FILES_PER_REQUEST=2)
    yield running.wait_until_ready()
    running.stop()


def test_the_document_is_valid() -> None:
    openapi_spec_validator.validate(DOCUMENT)


def test_the_swift_file_made_of_it_is_up_to_date() -> None:
    command = [sys.executable, ROOT / "scripts" / "generate-openapi", "--check"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_both_forms_are_served(service: Service) -> None:
    text = service.get("/openapi.yaml")
    assert text.body == (ROOT / "openapi" / "openapi.yaml").read_bytes()
    assert text.headers["content-type"].split(";")[0] == "application/yaml"
    as_json = service.get("/openapi.json")
    assert as_json.json() == DOCUMENT
    assert as_json.headers["content-type"].split(";")[0] == "application/json"


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))


def media_examples() -> Iterator[tuple[str, object, dict]]:
    def visit(node: object, place: str) -> Iterator[tuple[str, object, dict]]:
        if isinstance(node, dict):
            if "schema" in node:
                for name, example in node.get("examples", {}).items():
                    yield f"{place} {name}", example["value"], node["schema"]
                if "example" in node:
                    yield place, node["example"], node["schema"]
            for key, value in node.items():
                yield from visit(value, f"{place}/{key}")

    yield from visit({"paths": DOCUMENT["paths"], "components": DOCUMENT["components"]}, "")


EXAMPLES = list(media_examples())


@pytest.mark.parametrize("place,value,schema", EXAMPLES, ids=[place for place, _, _ in EXAMPLES])
def test_each_example_fits_its_schema(place: str, value: object, schema: dict) -> None:
    check(value, schema)


def test_each_problem_code_has_an_example_with_its_status() -> None:
    shown = {value["code"] for _, value, _ in EXAMPLES
             if isinstance(value, dict) and "code" in value}
    assert shown == set(DOCUMENT["components"]["schemas"]["ProblemCode"]["enum"])


class Caller:
    """Makes requests to the document's operations, good ones and broken ones."""

    def __init__(self, service: Service):
        self.service = service
        self.data = images.png(1)
        [self.image_id] = service.upload(("a.png", self.data)).values()

    def target(self, path: str) -> str:
        if "{upload_id}" in path:
            return self.service.link()
        return path.replace("{image_id}", self.image_id)

    def fields(self, path: str) -> list[str]:
        kind = forms.CONTENT_TYPE if "upload-images" in path else "application/json"
        return [self.service.key_field, f"Content-Type: {kind}"]

    def body(self, path: str, method: str) -> bytes | None:
        if method != "post":
            return None
        return forms.files(("a.png", self.data)) if "upload-images" in path else b'{"expiry": 9}'

    def good(self, path: str, method: str) -> Answer:
        return exchange(self.service.port, method.upper(), self.target(path), *self.fields(path),
                        body=self.body(path, method))

    def without(self, path: str, method: str) -> Answer:
        body = self.body(path, method)
        return exchange(self.service.port, method.upper(), self.target(path), body=body)

    def with_fields(self, path: str, method: str, *fields: str) -> Answer:
        body = self.body(path, method)
        return exchange(self.service.port, method.upper(), self.target(path), *self.fields(path),
                        *fields, body=body)

    def raw(self, path: str, method: str, version: str = "HTTP/1.1", *fields: str) -> Answer:
        lines = [f"{method.upper()} {self.target(path)} {version}", "Host: test",
                 *self.fields(path), *fields, "", ""]
        with Wire(self.service.port) as wire:
            wire.send("\r\n".join(lines).encode())
            return wire.receive(method.upper())

    def unfinished(self, path: str, method: str) -> Answer:
        with Wire(self.service.port) as wire:
            wire.send(f"{method.upper()} {self.target(path)} HTTP/1.1\r\nHost: a\r\n".encode())
            return wire.receive()

    def to_link(self, method: str, link: str) -> Answer:
        return self.service.post(forms.files(("a.png", self.data)), link=link)


UNKNOWN_LINK = "/api/upload-images/00000000-0000-4000-8000-000000000000"


def too_large(caller: Caller, path: str, method: str) -> Answer:
    return caller.raw(path, method, "HTTP/1.1", f"Content-Length: {10**12}")


def unprocessable(caller: Caller, path: str, method: str) -> Answer:
    if "upload-images" in path:
        return caller.service.post(forms.CLOSE)
    return exchange(caller.service.port, "POST", path, *caller.fields(path), body=b'{"expiry": 0}')


def not_found(caller: Caller, path: str, method: str) -> Answer:
    if "upload-images" in path:
        return caller.to_link(method, UNKNOWN_LINK)
    return caller.service.image("0" * 64)


def gone(caller: Caller, path: str, method: str) -> Answer:
    link = caller.service.link(expiry=1)
    while (answer := caller.to_link(method, link)).status == 200:
        pass
    return answer


# How each status is brought about. What is not here needs a fault or a crowd and has its own test:
# 500 and 507 in test_flush_order.py, 503 in test_errors.py and test_operations.py.
CAUSES: dict[str, Callable[[Caller, str, str], Answer]] = {
    "200": lambda caller, path, method: caller.good(path, method),
    "204": lambda caller, path, method: caller.good(path, method),
    "206": lambda caller, path, method: caller.with_fields(path, method, "Range: bytes=0-1"),
    "304": lambda caller, path, method: caller.with_fields(path, method, "If-None-Match: *"),
    "400": lambda caller, path, method: caller.with_fields(path, method, "Broken : 1"),
    "401": lambda caller, path, method: caller.without(path, method),
    "404": not_found,
    "408": lambda caller, path, method: caller.unfinished(path, method),
    "410": gone,
    "411": lambda caller, path, method: caller.raw(path, method),
    "412": lambda caller, path, method: caller.with_fields(path, method, 'If-Match: "x"'),
    "413": too_large,
    "414": lambda caller, path, method: exchange(
        caller.service.port, method.upper(), path + "?" + "a" * 100_000),
    "415": lambda caller, path, method: caller.service.post(
        forms.files(("a.txt", images.NOT_AN_IMAGE))),
    "416": lambda caller, path, method: caller.with_fields(path, method, "Range: bytes=999999-"),
    "417": lambda caller, path, method: caller.with_fields(path, method, "Expect: a-miracle"),
    "422": unprocessable,
    "431": lambda caller, path, method: caller.with_fields(path, method, "X-A: " + "a" * 200_000),
    "501": lambda caller, path, method: caller.raw(
        path, method, "HTTP/1.1", "Transfer-Encoding: gzip, chunked"),
    "505": lambda caller, path, method: caller.raw(path, method, "HTTP/2.0"),
}
NEED_A_FAULT = {"500", "503", "507", "4XX", "5XX"}
CASES = [(path, method, status) for path, method, operation in operations()
         for status in operation["responses"] if status not in NEED_A_FAULT]


@pytest.fixture(scope="module")
def caller(service: Service) -> Caller:
    return Caller(service)


@pytest.mark.parametrize("path,method,status", CASES)
def test_each_status_of_each_operation_is_served(
    caller: Caller, path: str, method: str, status: str
) -> None:
    answer = CAUSES[status](caller, path, method)
    assert answer.status == int(status), answer
    operation = DOCUMENT["paths"][path][method]
    check_answer(answer, responses(operation)[status], method)


def check_answer(answer: Answer, response: dict, method: str) -> None:
    """Header fields and content are as the document has them."""
    for name, header in response.get("headers", {}).items():
        header = resolve(header)
        value = answer.headers[name]
        if value is None:
            assert not header.get("required"), f"{name} is missing in {answer}"
        else:
            kind = resolve(header["schema"]).get("type")
            check(int(value) if kind == "integer" else value, header["schema"])
    if method == "head" or "content" not in response:
        assert answer.body == b"", answer
        return
    kind = answer.headers["content-type"]
    short = kind.split(";")[0]
    content = response["content"]
    wildcard = re.sub("/.*", "/*", short)
    named = next((name for name in (kind, short, wildcard) if name in content), None)
    named = named or next((name for name in content if name.split(";")[0] == short), None)
    assert named, f"{kind} is not among {list(content)}"
    if short.endswith("json"):
        check(json.loads(answer.body), content[named]["schema"])


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_a_path_answers_only_the_methods_it_has(caller: Caller, path: str) -> None:
    item = DOCUMENT["paths"][path]
    described = {method.upper() for method in METHODS if method in item}
    for method in {word.upper() for word in METHODS} - described:
        body = b"" if method in ("POST", "PUT", "PATCH") else None
        answer = exchange(caller.service.port, method, caller.target(path), *caller.fields(path),
                          body=body)
        assert answer.status == 405, (method, path, answer)
        assert {word.strip() for word in answer.headers["allow"].split(",")} == described
        check_answer(answer, resolve(item["x-other-methods"]), method.lower())


NEIGHBOURS = ["/api", "/api/", "/api/image", "/api/images", "/api/images/", "/api/stats/", "/ready",
              "/api/upload-images", "/api/upload-images/", "/api/links", "/health", "/status",
              "/openapi", "/openapi.yml", "/swagger", "/favicon.ico", "/docs/", "/page", "/page/",
              "/metrics/", "/v1/images",
              "/.env", "/data", "/api/stats/details/", "//healthz", "/healthz/", "/HEALTHZ",
              "/api/images/../stats", "/%68ealthz"]


@pytest.mark.parametrize("target", NEIGHBOURS)
def test_nothing_else_answers(service: Service, target: str) -> None:
    answer = service.get(target, service.key_field)
    assert answer.status == 404, answer
    assert answer.problem()["code"] == "not_found"


def test_the_server_knows_no_other_path() -> None:
    """The routes in the server's source are those of the document: nothing undocumented."""
    router = (ROOT / "Sources" / "Server" / "Messages" / "Route.swift").read_text()
    quoted = {path for path in re.findall(r'"(/[a-z./{}_-]*)"', router) if not path.endswith("/")}
    assert quoted <= set(DOCUMENT["paths"]) | {"/"}, quoted - set(DOCUMENT["paths"])


@pytest.mark.parametrize("path,method,operation", list(operations()))
def test_security_is_what_the_server_asks_for(
    service: Service, path: str, method: str, operation: dict
) -> None:
    target = path.replace("{upload_id}", "x").replace("{image_id}", "0" * 64)
    body = b"" if method == "post" else None
    keyed = bool(operation.get("security"))
    refused = exchange(service.port, method.upper(), target, body=body).status == 401
    assert refused == keyed
    if {"bearer": []} in operation.get("security", []):
        bearer = service.get(target, f"Authorization: Bearer {KEY}", method=method.upper())
        assert bearer.status == 200
