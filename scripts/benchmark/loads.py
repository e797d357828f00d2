"""The load: wrk where it can, and `load.c` where it cannot; both give a `Sample`."""

import json
import os
import pathlib
import resource
import subprocess
from dataclasses import dataclass

from benchmark.processes import Program
from benchmark.turns import Sample

SCRIPTS = pathlib.Path(__file__).resolve().parent / "wrk"
GRACE_SECONDS = 120
CONNECTIONS = 64


@dataclass(frozen=True)
class Load:
    """Where the load runs, and for how long."""

    cores: frozenset[int]
    seconds: int
    generator: pathlib.Path

    @property
    def pinned(self) -> list[str]:
        return ["taskset", "-c", ",".join(map(str, sorted(self.cores)))]

    def wrk(self, program: Program, path: str, script: str = "image.lua",
            fields: tuple[str, ...] = (), arguments: tuple[str, ...] = (),
            connections: int = CONNECTIONS, bytes_each: int = 0) -> Sample:
        """Asks as fast as it can, with wrk."""
        headers = [word for field in fields for word in ("-H", field)]
        threads = str(len(self.cores))
        command = [*self.pinned, "wrk", "-t", threads, "-c", str(connections), "-d",
                   f"{self.seconds}s", "-s", str(SCRIPTS / script), *headers,
                   f"http://127.0.0.1:{program.port}{path}", "--", *arguments]
        cpu, load_cpu = program.cpu_seconds(), children_cpu()
        ran = subprocess.run(command, cwd=SCRIPTS, stdin=subprocess.DEVNULL, text=True,
                             capture_output=True, timeout=self.seconds + GRACE_SECONDS,
                             check=False)
        if ran.returncode != 0:
            raise RuntimeError(f"wrk: {ran.stdout}{ran.stderr}")
        result = json.loads(ran.stdout.strip().splitlines()[-1])
        return Sample(
            operations=result["requests"], seconds=result["seconds"], bytes_each=bytes_each,
            cpu_seconds=program.cpu_seconds() - cpu, p50_us=result["p50_us"],
            p99_us=result["p99_us"], failed=result["failed"],
            load_busy=(children_cpu() - load_cpu) / result["seconds"] / len(self.cores))

    def start(self, program: Program, yields: bool = False, **options: object) -> subprocess.Popen:
        """Starts `load.c`; `finish` waits for it. One that yields runs only when its core is idle:
        it is there to keep the server busy, not to delay those who measure."""
        options.setdefault("connections", CONNECTIONS)
        if not {"requests", "seconds"} & options.keys():
            options["seconds"] = self.seconds
        fields = options.pop("fields", ())
        words = [f"{name}={value}" for name, value in options.items()]
        words += [f"field={field}" for field in fields]
        command = [*self.pinned, str(self.generator), f"port={program.port}", *words]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            preexec_fn=run_when_idle if yields else None)

    @staticmethod
    def finish(process: subprocess.Popen) -> dict:
        try:
            output, _ = process.communicate(timeout=GRACE_SECONDS * 4)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            raise RuntimeError(f"the load generator ended with {process.returncode}")
        return json.loads(output)

    def own(self, program: Program, bytes_each: int = 0, **options: object) -> Sample:
        """The same with `load.c`."""
        cpu = program.cpu_seconds()
        result = self.finish(self.start(program, **options))
        return Sample(
            operations=result["requests"], counted=result["all"], seconds=result["seconds"],
            bytes_each=bytes_each, cpu_seconds=program.cpu_seconds() - cpu,
            p50_us=result["p50_us"], p99_us=result["p99_us"], failed=result["failed"],
            load_busy=result["load_cpu_seconds"] / result["wall_seconds"])


def run_when_idle() -> None:
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
