"""How the playbook shows things: an answer as it came over the wire, pictures as a gallery,
problems as a table. Nothing in here talks to the service.
"""

import base64
import html
import io
import json
from collections.abc import Iterable

import pillow_heif
import requests
from IPython.display import HTML
from PIL import Image

pillow_heif.register_heif_opener()

THUMBNAIL = (300, 200)
BODY_CHARACTERS_MAX = 1200


class StopHere(Exception):
    """Ends the notebook with a sentence for the reader instead of a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"⛔ {self}"]


def size(count: float) -> str:
    """Bytes as people say them."""
    if count < 1000:
        return f"{count:.0f} bytes"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def answer(response: requests.Response, *fields: str) -> None:
    """Prints the request's first line, the answer's, the fields asked for, and what it says."""
    request = response.request
    print(f"→ {request.method} {request.path_url}")
    for name in ("range", "if-none-match", "if-match"):
        if name in request.headers:
            print(f"  {name.title()}: {request.headers[name]}")
    print(f"← {response.status_code} {response.reason}")
    for name in fields:
        print(f"  {name}: {response.headers.get(name, '—')}")
    print(indent(body(response)))


def body(response: requests.Response) -> str:
    kind = response.headers.get("content-type", "")
    if not response.content:
        return "(no content)"
    if "json" in kind:
        return json.dumps(response.json(), indent=2, ensure_ascii=False)[:BODY_CHARACTERS_MAX]
    if kind.startswith("text/"):
        return response.text.strip()[:BODY_CHARACTERS_MAX]
    return f"({size(len(response.content))} of {kind})"


def indent(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def gallery(pictures: Iterable[tuple[bytes, str]]) -> HTML:
    """Pictures with a caption each, as thumbnails: few browsers show HEIF and TIFF."""
    figures = []
    for data, caption in pictures:
        lines = [html.escape(line) for line in caption.split("\n")]
        figures.append(
            '<figure style="margin:0">'
            f'<img alt="{lines[0]}" style="width:100%;border-radius:6px;display:block"'
            f' src="{thumbnail(data)}"><figcaption style="font-size:12px;line-height:1.4;'
            f'padding:4px 2px 10px;overflow-wrap:anywhere">'
            f'{"<br>".join(lines)}</figcaption></figure>')
    return HTML('<div style="display:grid;gap:12px;max-width:980px;'
                'grid-template-columns:repeat(auto-fill,minmax(180px,1fr))">'
                f'{"".join(figures)}</div>')


def thumbnail(data: bytes) -> str:
    """A small picture as a URL that holds it."""
    picture = Image.open(io.BytesIO(data))
    if picture.format == "GIF":
        # As it is: it moves.
        return f"data:image/gif;base64,{base64.b64encode(data).decode()}"
    picture = picture.convert("RGB")
    picture.thumbnail(THUMBNAIL, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def table(head: list[str], rows: Iterable[Iterable[object]]) -> HTML:
    """A table; what stands between `backticks` is code."""
    def cell(tag: str, value: object) -> str:
        text = html.escape(str(value))
        if len(text) > 2 and text.startswith("`") and text.endswith("`"):
            text = f"<code>{text[1:-1]}</code>"
        return f'<{tag} style="text-align:left;vertical-align:top">{text}</{tag}>'

    lines = ["".join(cell("th", name) for name in head)]
    lines += ["".join(cell("td", value) for value in row) for row in rows]
    return HTML(f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>")


def problems(answers: Iterable[tuple[str, requests.Response]]) -> HTML:
    """Problem documents side by side: what was done, and what the service said."""
    rows = []
    for what, response in answers:
        problem = response.json()
        rows.append((what, response.status_code, f"`{problem['code']}`", problem["detail"]))
    return table(["what we did", "status", "code", "detail"], rows)
