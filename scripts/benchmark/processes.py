"""Programs under measurement: started on their cores, measured from /proc, ended by their id."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import time

START_SECONDS = 60      # valgrind and Python take their time
STOP_SECONDS = 30
CPU_CLOCK_OF_PROCESS = 2    # CPUCLOCK_SCHED of the kernel's posix-timers.h


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A running program and the processes that it started."""

    def __init__(self, command: list, cores: set[int], log: pathlib.Path, port: int,
                 environment: dict[str, str] | None = None):
        self.port, self.log = port, log
        self.command = [str(word) for word in command]
        with open(log, "ab") as output:
            # A session of its own: ^C reaches this script alone, which then ends all in order.
            self.process = subprocess.Popen(
                ["taskset", "-c", ",".join(map(str, sorted(cores))), *self.command],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
                start_new_session=True)
        try:
            self.wait_for_port()
        except BaseException:
            self.stop()
            raise

    def wait_for_port(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        text = self.log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{self.command[0]} does not listen:\n{text}")

    def pids(self) -> list[int]:
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                try:
                    waiting += map(int, (task / "children").read_text().split())
                except FileNotFoundError:
                    pass        # a thread that has just ended
        return found

    def cpu_seconds(self) -> float:
        """User and system time of all threads, ended ones too, to the nanosecond.

        The clock's number is made as `clock_getcpuclockid` makes it: the complement of the process
        id above the three bits that say which clock. /proc/PID/stat has the same time in ticks of
        ten milliseconds.
        """
        return sum(time.clock_gettime((~pid << 3) | CPU_CLOCK_OF_PROCESS) for pid in self.pids())

    def resident_bytes(self) -> int:
        total = 0
        for pid in self.pids():
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            total += int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024
        return total

    def stop(self) -> None:
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in self.pids():
                os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
