"""Medians, ratios and the goals of `./dev bench mongo`, as Markdown."""

from statistics import median
from typing import NamedTuple

LIMIT, OWN = "bare", "ours"
TITLES = {"append": "append", "newest": "newest page", "older": "older page"}
# Of bare single inserts with the same write concern.
ALONE_AT_LEAST, CROWD_AT_LEAST, CROWD_CLIENTS = 0.8, 3, 64
# One for the bytes themselves.
ENCODINGS = ("ours: writer", "ours: document to BSON")
NEEDED_ALLOCATIONS = 1


class Case(NamedTuple):
    """`clients` at once that do one act."""

    act: str
    clients: int


class Results:
    """Every run of every contestant; those that counted allocations apart, as counting takes time."""

    def __init__(self):
        self.runs = {}  # case → name → runs
        self.counted = {}

    def add(self, case, name, run):
        kind = self.counted if "allocations" in run else self.runs
        kind.setdefault(case, {}).setdefault(name, []).append(run)

    def rates(self, case, name):
        return [run["count"] / run["seconds"] for run in self.runs[case][name]]

    def each(self, case, name, what):
        """Microseconds for each message or page."""
        return median(run[what] * 1e6 / run["count"] for run in self.runs[case][name])

    def allocations(self, case, name):
        return median(run["allocations"] / run["count"] for run in self.counted[case][name])


def number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def tables(results):
    found = []
    for acts, title in ((("append",), "durable appends"), (("newest", "older"), "pages of 50 messages")):
        cases = [case for case in results.runs if case.act in acts]
        if cases:
            found.append(rates_table(results, cases, title))
    found += [codec_table(results, case) for case in results.runs if case.act == "codec"]
    counted = [case for case in results.counted if case.act == "append"]
    found += [counted_table(results, case) for case in counted]
    return "\n\n".join(found)


def rates_table(results, cases, title):
    lines = [
        f"| {title} | | a second (lowest to highest) | to {LIMIT} | client's CPU us each | to {LIMIT}"
        " | mongod's CPU us each |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for case in cases:
        label = f"{TITLES[case.act]}, {case.clients} at once"
        for name in results.runs[case]:
            lines.append(f"| {label} | {row(results, case, name)} |")
            label = ""
    return "\n".join(lines)


def row(results, case, name):
    rates, cpu = results.rates(case, name), results.each(case, name, "cpu")
    ratios = ["", ""]
    if LIMIT in results.runs[case]:
        ratios[0] = f"{ratio(results, case, name):.2f}"
        ratios[1] = f"{cpu / results.each(case, LIMIT, 'cpu'):.2f}"
    return (
        f"{name} | {number(median(rates))} ({number(min(rates))} to {number(max(rates))}) | {ratios[0]}"
        f" | {number(cpu)} | {ratios[1]} | {number(results.each(case, name, 'server_cpu'))}"
    )


def ratio(results, case, name):
    return median(results.rates(case, name)) / median(results.rates(case, LIMIT))


def codec_table(results, case):
    lines = ["| one message | CPU us | allocations |", "| --- | --- | --- |"]
    for name in results.runs[case]:
        allocations = ""
        if name in results.counted.get(case, {}):
            allocations = f"{results.allocations(case, name):.2f}"
        lines.append(f"| {name} | {results.each(case, name, 'cpu'):.2f} | {allocations} |")
    return "\n".join(lines)


def counted_table(results, case):
    lines = [f"| append, {case.clients} at once: all that the process allocates | a message |", "| --- | --- |"]
    for name in results.counted[case]:
        lines.append(f"| {name} | {results.allocations(case, name):.1f} |")
    return "\n".join(lines)


def goals(results):
    """What was set out to be reached, and whether it was, one line each."""
    lines = []
    for case, runs in results.runs.items():
        if case.act != "append" or OWN not in runs or LIMIT not in runs:
            continue
        goal = ALONE_AT_LEAST if case.clients == 1 else CROWD_AT_LEAST if case.clients >= CROWD_CLIENTS else None
        reached = ratio(results, case, OWN)
        if goal is None:
            lines.append(f"no goal: append, {case.clients} at once: {OWN} / {LIMIT} {reached:.2f}")
        else:
            lines.append(
                f"{verdict(reached >= goal)} append, {case.clients} at once: {OWN} / {LIMIT} {reached:.2f}; goal {goal}"
            )
    for case, names in results.counted.items():
        for name in ENCODINGS:
            if name in names:
                value = results.allocations(case, name)
                # What the process does besides is a hundredth at the most.
                is_reached = value < NEEDED_ALLOCATIONS + 0.01
                lines.append(f"{verdict(is_reached)} {name}: {value:.2f} allocations a message; goal {NEEDED_ALLOCATIONS}")
    return lines


def verdict(reached):
    return "reached:" if reached else "MISSED: "
