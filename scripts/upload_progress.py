"""How far `scripts/upload` is: a bar on a terminal, a line now and then elsewhere."""

import shutil
import sys
import threading
import time
from collections import deque
from typing import TextIO

REDRAW_SECONDS = 0.1
LINE_SECONDS = 5.0
# The rate is that of the last seconds: an average over all would take long to notice a change.
RATE_WINDOW_SECONDS = 8.0
BAR_COLUMNS = 24


def size(count: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError("the last unit takes everything")


def duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class Progress:
    """Counts files and bytes from several threads, and shows them on one stream."""

    def __init__(self, files: int, total_bytes: int, stream: TextIO = sys.stderr,
                 quiet: bool = False):
        self.files, self.total_bytes = files, total_bytes
        self.files_done = self.bytes_done = self.bytes_sent = 0
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.quiet = quiet
        self.lock = threading.Lock()
        self.started = self.shown_at = time.monotonic()
        self.samples = deque([(self.started, 0)])
        self.is_bar_shown = False

    def sent(self, count: int) -> None:
        """Bytes that went over the wire; negative where they went in vain."""
        with self.lock:
            self.bytes_done += count
            self.bytes_sent += count
            self.show()

    def finished(self, not_sent_bytes: int) -> None:
        """A file is done with, and so much of it needed no sending."""
        with self.lock:
            self.files_done += 1
            self.bytes_done += not_sent_bytes
            self.show()

    def say(self, line: str, stream: TextIO) -> None:
        """Prints a line above the bar."""
        with self.lock:
            self.wipe()
            print(line, file=stream, flush=True)

    def close(self) -> None:
        with self.lock:
            self.wipe()

    def rate(self, now: float) -> float:
        """Bytes a second, of late."""
        self.samples.append((now, self.bytes_sent))
        while now - self.samples[0][0] > RATE_WINDOW_SECONDS and len(self.samples) > 2:
            self.samples.popleft()
        then, count = self.samples[0]
        return max(self.bytes_sent - count, 0) / max(now - then, 0.001)

    def show(self) -> None:
        now = time.monotonic()
        pause = REDRAW_SECONDS if self.is_terminal else LINE_SECONDS
        if self.quiet or now - self.shown_at < pause:
            return
        self.shown_at = now
        rate = self.rate(now)
        left = self.total_bytes - self.bytes_done
        wait = duration(left / rate) if left and rate else "0:00" if not left else "-:--"
        text = (f"{self.files_done}/{self.files} files  {size(self.bytes_done)} of "
                f"{size(self.total_bytes)}  {size(rate)}/s  ETA {wait}")
        if self.is_terminal:
            # One column stays free: a full line would wrap, and \r would not reach its start.
            line = f"{self.bar()} {text}"[:shutil.get_terminal_size().columns - 1]
            print(f"\r{line}\x1b[K", end="", file=self.stream, flush=True)
            self.is_bar_shown = True
        else:
            print(f"upload: {text}", file=self.stream, flush=True)

    def bar(self) -> str:
        share = self.bytes_done / self.total_bytes if self.total_bytes else 1
        full = int(BAR_COLUMNS * min(max(share, 0), 1))
        is_unicode = "utf" in (self.stream.encoding or "").lower()
        done, rest = ("█", "░") if is_unicode else ("#", "-")
        return f"{done * full}{rest * (BAR_COLUMNS - full)} {share:4.0%}"

    def wipe(self) -> None:
        if self.is_bar_shown:
            print("\r\x1b[K", end="", file=self.stream, flush=True)
            self.is_bar_shown = False
