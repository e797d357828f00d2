"""Connections made by a random generator: whole requests, forms of smuggling, and damage to both.

The same generator state gives the same bytes, so that a seed is all one needs to see a run again.
"""

import random
from collections.abc import Iterator

import smuggling

# It reads its body whatever it is, so that the connection stays and a wrong end would show; other
# targets are answered before their body, and the connection ends.
BODY_READER = b"/api/generate-upload-link"
METHODS = [b"GET", b"HEAD", b"POST", b"PUT", b"OPTIONS", b"DELETE"]
TARGETS = [b"/", b"/healthz", b"/api/images/" + b"0" * 64, b"/a//b/../c?d=%20", b"/x", BODY_READER]
FIELDS = [b"X: y", b"Accept: */*", b"Cookie: a=b; c=d", b"Connection: keep-alive", b"TE: trailers",
          b"Expect: 100-continue", b"If-None-Match: *", b"Range: bytes=0-", b"X_Y: z",
          b"Connection: Content-Length", b"Upgrade: h2c", b"X-Forwarded-For: 1.2.3.4"]
# Bytes that mean something somewhere, and some that never do.
SIGNIFICANT = b"\r\n\0 \t:;,=\"\\#?/0159afx-+_\x0b\x0c\x7f\x80\xff"
# What a body smuggles: were it ever read as a request, the logs would show it.
SMUGGLED = [b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", b"0\r\n\r\n", b"{}", b"x", b"",
            b"5\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"]
PIECES_MAX = 4
EDITS_MAX = 4


def with_body_reader(data: bytes) -> bytes:
    """Sends what a row sends to `/1` to where its body is read."""
    return data.replace(b"POST /1 ", b"POST " + BODY_READER + b" ")


def chunked(random_: random.Random, body: bytes) -> bytes:
    parts = []
    while body:
        size = random_.randint(1, len(body))
        extension = random_.choice([b"", b"", b";a", b";a=b", b';a="b;c"'])
        parts.append(b"%x%b\r\n%b\r\n" % (size, extension, body[:size]))
        body = body[size:]
    trailer = random_.choice([b"", b"", b"X: y\r\n"])
    return b"".join(parts) + b"0\r\n" + trailer + b"\r\n"


def request(random_: random.Random) -> bytes:
    """A well-formed request."""
    body = random_.choice(SMUGGLED) * random_.randint(1, 3)
    fields = random_.sample(FIELDS, random_.randint(0, 3))
    framing = random_.choice(["none", "length", "length", "chunked", "chunked"])
    method, target = random_.choice(METHODS), random_.choice(TARGETS)
    if framing != "none":
        method, target = b"POST", BODY_READER
    if framing == "length":
        fields.append(b"Content-Length: %d" % len(body))
    elif framing == "chunked":
        fields.append(b"Transfer-Encoding: chunked")
        body = chunked(random_, body)
    else:
        body = b""
    random_.shuffle(fields)
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: a", *fields, b"", b""]
    return b"\r\n".join(lines) + body


def damaged(random_: random.Random, data: bytes, rows: list[smuggling.Form]) -> bytes:
    """A few edits: a byte changed, put in, or left out; a row's form where a line begins."""
    for _ in range(random_.randint(1, EDITS_MAX)):
        place = random_.randint(0, len(data))
        byte = bytes([random_.choice(SIGNIFICANT)])
        edit = random_.choice(["change", "insert", "drop", "form", "form", "repeat"])
        if edit == "form":
            starts = [n + 2 for n in range(len(data)) if data[n:n + 2] == b"\r\n"] or [0]
            place = random_.choice(starts)
            data = data[:place] + random_.choice(rows).form + data[place:]
        elif edit == "repeat":
            data = data[:place] + data[max(0, place - random_.randint(1, 40)):]
        else:
            kept = place + (edit != "insert")
            data = data[:place] + (b"" if edit == "drop" else byte) + data[kept:]
    return data


def connections(random_: random.Random, count: int) -> Iterator[bytes]:
    """What so many clients send."""
    rows = smuggling.forms()
    for _ in range(count):
        pieces = []
        for _ in range(random_.randint(1, PIECES_MAX)):
            kind = random_.choice(["request", "request", "request", "row", "damaged", "damaged"])
            piece = request(random_)
            if kind == "row":
                piece = with_body_reader(random_.choice(rows).whole)
            elif kind == "damaged":
                whole = random_.choice([piece, with_body_reader(random_.choice(rows).whole)])
                piece = damaged(random_, whole, rows)
            pieces.append(piece)
        yield b"".join(pieces)
