"""The stack that a service like this is usually begun with: FastAPI, uvicorn, files in a folder,
rows in SQLite. The same four endpoints. It flushes nothing, and looks at no image.

    SEED_DIRECTORY=/tmp/seed uvicorn seed:app
"""

import hashlib
import os
import pathlib
import sqlite3
import time
import uuid
from datetime import UTC, datetime

from fastapi import FastAPI, Header, HTTPException, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel

KEY = os.environ["SEED_KEY"]
DIRECTORY = pathlib.Path(os.environ["SEED_DIRECTORY"])
IMAGES = DIRECTORY / "images"
IMAGES.mkdir(parents=True, exist_ok=True)

app = FastAPI()
# Autocommit, no flush: what can be had without giving up the database.
database = sqlite3.connect(DIRECTORY / "seed.sqlite", isolation_level=None,
                           check_same_thread=False)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = OFF")
database.execute("CREATE TABLE IF NOT EXISTS links (id TEXT PRIMARY KEY, expires REAL)")
database.execute("CREATE TABLE IF NOT EXISTS images (id TEXT PRIMARY KEY, format TEXT, day TEXT)")


class LinkRequest(BaseModel):
    expiry: int = 60


def check(key: str | None) -> None:
    if key != KEY:
        raise HTTPException(401)


@app.post("/api/generate-upload-link")
async def generate_upload_link(body: LinkRequest, x_api_key: str | None = Header(None)) -> dict:
    check(x_api_key)
    link = str(uuid.uuid4())
    database.execute("INSERT INTO links VALUES (?, ?)", (link, time.time() + body.expiry))
    return {"upload_id": link, "upload_url": f"/api/upload-images/{link}"}


@app.post("/api/upload-images/{upload_id}")
async def upload_images(upload_id: str, image_files: list[UploadFile],
                        x_api_key: str | None = Header(None)) -> dict:
    check(x_api_key)
    row = database.execute("SELECT expires FROM links WHERE id = ?", (upload_id,)).fetchone()
    if row is None or row[0] < time.time():
        raise HTTPException(404)
    ids = {}
    for file in image_files:
        content = await file.read()
        image_id = hashlib.sha256(content).hexdigest()
        (IMAGES / image_id).write_bytes(content)
        today = datetime.now(UTC).date().isoformat()
        row = (image_id, file.content_type, today)
        database.execute("INSERT OR IGNORE INTO images VALUES (?, ?, ?)", row)
        ids[file.filename] = image_id
    return ids


@app.get("/api/images/{image_id}")
async def image(image_id: str) -> FileResponse:
    path = IMAGES / image_id
    if not path.is_file():
        raise HTTPException(404)
    fields = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(path, media_type="image/jpeg", headers=fields)


@app.get("/api/stats")
async def stats(x_api_key: str | None = Header(None)) -> dict:
    check(x_api_key)
    days = database.execute("SELECT day, COUNT(*) FROM images GROUP BY day ORDER BY day")
    formats = database.execute(
        "SELECT format FROM images GROUP BY format ORDER BY COUNT(*) DESC LIMIT 1").fetchone()
    return {"Image Upload Frequency Per Day (last 30 days)": dict(days.fetchall()),
            "Most Popular Image Format": formats and formats[0],
            "Top 10 Popular Camera Models": []}
