"""What hostile clients do, each kind in a process of its own.

An attack keeps a number of connections busy until the time is up; a connection that the server ends
is made anew. Counted are the connections that were made, and the attacks: each a request, a piece
or a byte that was sent to do harm.
"""

import asyncio
import os
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

# How long an attacker waits before it tries again where the server turned it away.
RETRY_SECONDS = 0.2
TRICKLE_SECONDS = 0.5
FORM = "multipart/form-data; boundary=b"
FORM_START = (b'--b\r\nContent-Disposition: form-data; name="image_files"; filename="a.gif"\r\n\r\n'
              b"GIF89a\x02\x00\x03\x00\x00\x00\x00")


@dataclass
class Target:
    """What an attacker knows."""

    port: int
    key_field: str
    link: str
    hot: str
    slow: list[str]


@dataclass
class Attacker:
    """One kind of attack under way."""

    target: Target
    until: float
    connections: int = 0
    attacks: int = 0
    # So many connect at a time: what the kernel's queue does with more is not the server's doing.
    doors: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(64))
    open: dict[asyncio.Task | None, asyncio.StreamWriter] = field(default_factory=dict)

    async def connect(self, receive_bytes: int | None = None):
        async with self.doors:
            return await self.connect_now(receive_bytes)

    async def connect_now(self, receive_bytes: int | None):
        connection = socket.socket()
        connection.setblocking(False)
        if receive_bytes:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.target.port))
        reader, writer = await asyncio.open_connection(sock=connection, limit=1 << 14)
        self.open[asyncio.current_task()] = writer
        self.connections += 1
        return reader, writer

    async def send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()
        self.attacks += 1

    def upload_head(self, framing: str) -> bytes:
        return (f"POST {self.target.link} HTTP/1.1\r\nHost: a\r\n{self.target.key_field}\r\n"
                f"Content-Type: {FORM}\r\n{framing}\r\n\r\n").encode()

    def get(self, image_id: str) -> bytes:
        return f"GET /api/images/{image_id} HTTP/1.1\r\nHost: a\r\n\r\n".encode()


async def idle(attacker: Attacker) -> None:
    """A connection that says nothing."""
    reader, _ = await attacker.connect()
    attacker.attacks += 1
    await reader.read(1)


async def slow_head(attacker: Attacker) -> None:
    """A head that comes byte by byte (slowloris)."""
    _, writer = await attacker.connect()
    for byte in b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Slow: 1\r\n" * 1000:
        await attacker.send(writer, bytes([byte]))
        await asyncio.sleep(TRICKLE_SECONDS)


async def slow_body(attacker: Attacker) -> None:
    """An upload that comes byte by byte, so that it keeps its place."""
    _, writer = await attacker.connect()
    await attacker.send(writer, attacker.upload_head("Content-Length: 1000000") + FORM_START)
    while True:
        await attacker.send(writer, b"\0")
        await asyncio.sleep(TRICKLE_SECONDS)


async def slow_reader(attacker: Attacker) -> None:
    """A large image that is asked for and hardly taken."""
    reader, writer = await attacker.connect(receive_bytes=4096)
    number = attacker.connections % len(attacker.target.slow)
    await attacker.send(writer, attacker.get(attacker.target.slow[number]))
    while await reader.read(1024):
        attacker.attacks += 1
        await asyncio.sleep(1)


async def header_flood(attacker: Attacker) -> None:
    """A head with more fields than are taken, again and again."""
    reader, writer = await attacker.connect()
    await attacker.send(writer, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Flood: 0123456789\r\n" * 99)
    await attacker.send(writer, b"X-Flood: 0123456789\r\n" * 2000)
    await reader.read(1 << 14)


async def reset(attacker: Attacker) -> None:
    """A large image that is asked for and broken off with a reset."""
    reader, writer = await attacker.connect()
    await attacker.send(writer, attacker.get(attacker.target.slow[-1]))
    await reader.read(1024)
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


async def pipeline(attacker: Attacker) -> None:
    """Thousands of requests at once, whose answers are taken slowly."""
    reader, writer = await attacker.connect(receive_bytes=1 << 16)
    writer.write(attacker.get(attacker.target.hot) * 2000)
    attacker.attacks += 2000
    while await reader.read(1 << 14):
        await asyncio.sleep(0.01)


async def chunk_flood(attacker: Attacker) -> None:
    """An upload in chunks of one byte without end."""
    _, writer = await attacker.connect()
    await attacker.send(writer, attacker.upload_head("Transfer-Encoding: chunked"))
    await attacker.send(writer, b"%x\r\n" % len(FORM_START) + FORM_START + b"\r\n")
    while True:
        await attacker.send(writer, b"1\r\n\0\r\n" * 200)
        await asyncio.sleep(0.02)


async def half_closed(attacker: Attacker) -> None:
    """A body that is shorter than its head says, and then an end of sending."""
    reader, writer = await attacker.connect()
    await attacker.send(writer, attacker.upload_head("Content-Length: 999999") + FORM_START)
    writer.write_eof()
    await reader.read()


async def wrong_key(attacker: Attacker) -> None:
    """A key that is tried."""
    reader, writer = await attacker.connect()
    await attacker.send(writer, b"GET /api/stats HTTP/1.1\r\nHost: a\r\nx-api-key: guess\r\n\r\n")
    await reader.read(1 << 14)


# How many connections each attack keeps busy.
ATTACKS: dict[str, tuple[Callable[[Attacker], Awaitable[None]], int]] = {
    "idle": (idle, 4000),
    "slow heads": (slow_head, 500),
    "slow bodies": (slow_body, 250),
    "slow readers": (slow_reader, 300),
    "header floods": (header_flood, 20),
    "resets": (reset, 10),
    "pipelines": (pipeline, 10),
    "chunk floods": (chunk_flood, 20),
    "half-closed uploads": (half_closed, 10),
    "wrong keys": (wrong_key, 20),
}


async def keep_up(attack: Callable[[Attacker], Awaitable[None]], attacker: Attacker) -> None:
    while time.monotonic() < attacker.until:
        try:
            await attack(attacker)
        except OSError:
            await asyncio.sleep(RETRY_SECONDS)
        finally:
            if writer := attacker.open.pop(asyncio.current_task(), None):
                writer.transport.abort()
        await asyncio.sleep(0.01)


async def attack_until(name: str, attacker: Attacker) -> None:
    attack, count = ATTACKS[name]
    tasks = [asyncio.create_task(keep_up(attack, attacker)) for _ in range(count)]
    await asyncio.sleep(max(0, attacker.until - time.monotonic()))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def besiege(name: str, target: Target, until: float, core: int, results) -> None:
    """Attacks in one way until the time is up, then says how often."""
    os.sched_setaffinity(0, {core})
    os.nice(19)
    attacker = Attacker(target, until)
    asyncio.run(attack_until(name, attacker))
    results.put((name, (attacker.connections, attacker.attacks)))
