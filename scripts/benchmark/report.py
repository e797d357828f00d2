"""The table for people, and the JSON for programs."""

import statistics

from benchmark.session import Session
from benchmark.turns import Figure


def number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def figure_row(figure: Figure) -> list[str]:
    low, high = min(figure.values), max(figure.values)
    spread = f" [{number(low)}–{number(high)}]" if len(figure.values) > 1 else ""
    unit = f" {figure.unit}" if figure.unit else ""
    return [figure.name, figure.against or "–", str(figure.bar) if figure.bar else "–",
            f"{number(figure.median)}{unit}{spread}", figure.verdict]


def sample_rows(session: Session) -> list[list[str]]:
    rows = []
    for name, contestants in session.samples.items():
        for label, samples in contestants.items():
            def middle(key: str, samples: list[dict] = samples) -> float:
                return statistics.median(sample[key] for sample in samples)

            rates = [sample["operations"] / sample["seconds"] for sample in samples]
            cpu = [sample["cpu_seconds"] / (sample["counted"] or sample["operations"]) * 1e6
                   for sample in samples]
            rate = statistics.median(rates)
            rows.append([
                name, label, number(rate), number(rate * samples[0]["bytes_each"] / (1 << 20)),
                number(middle("p50_us")), number(middle("p99_us")),
                number(statistics.median(cpu)), f"{middle('load_busy'):.0%}",
                str(sum(sample["failed"] for sample in samples) or "")])
    return rows


def markdown(heads: list[str], rows: list[list[str]]) -> str:
    """A table that is aligned for a terminal and a table in Markdown as well."""
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]

    def line(cells: list[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        return "| " + " | ".join(padded) + " |"

    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([line(heads), rule, *(line(row) for row in rows)])


def tables(session: Session) -> str:
    figures = markdown(["work", "against", "to reach", "median [min–max]", ""],
                       [figure_row(figure) for figure in session.figures])
    samples = sample_rows(session)
    if not samples:
        return figures
    heads = ["work", "contestant", "per second", "MiB/s", "p50 us", "p99 us", "processor us each",
             "load busy", "failed"]
    return f"{figures}\n\nMedians behind it:\n\n{markdown(heads, samples)}"


def as_json(session: Session, machine: dict, cores: int) -> dict:
    return {"machine": machine, "cores_for_each": cores, "turns": session.turns,
            "seconds": session.load.seconds,
            "figures": [figure.as_json() for figure in session.figures],
            "samples": session.samples}
