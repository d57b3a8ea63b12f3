"""Medians, ratios and the goals of `./dev bench realtime`, as Markdown."""

from statistics import median as middle

OWN, PEERS = "ours", ("ws", "python-socketio")
# A group has no more members; in a larger room each of them has several devices.
ROOM_PEOPLE = 200
# What each table shows: figure, heading, factor.
COLUMNS = {
    "memory": (("KiB each", "KiB a connection"), ("MiB", "MiB in all"), ("handshakes/s",) * 2, ("CPU us", "CPU µs a handshake")),
    "room": (
        ("p50", "one message: p50 ms"), ("p99", "p99 ms"), ("last", "last ms"), ("worst last", "last, worst message"),
        ("deliveries/s", "burst: deliveries/s"), ("CPU us", "CPU µs a delivery"),
        ("clients' CPU us", "clients' CPU µs"), ("peak MiB",) * 2,
    ),
    "pairs": (
        ("p50", "p50 ms"), ("p99", "p99 ms"), ("p999", "p99.9 ms"), ("ackP50", "acknowledged p50 ms"),
        ("ackP99", "p99 ms"), ("CPU", "CPUs"), ("CPU us", "CPU µs a message"),
    ),
    "storm": (
        ("s", "s until all are back"), ("handshakes/s",) * 2, ("refusals",) * 2,
        ("p50", "talk meanwhile: p50 ms"), ("p99", "p99 ms"), ("lost", "lost"),
    ),
}  # fmt: skip
KIB_EACH, ROOM_MILLISECONDS, DELIVERIES, PAIRS_MILLISECONDS, PAIRS_RATE, STORM_SECONDS = 8, 150, 100_000, 100, 1000, 10


class Results:
    """Every run of every contestant, and why some came to nothing."""

    def __init__(self):
        self.runs = {}  # case → name → runs
        self.failures = {}  # case → name → reasons

    def add(self, case, name, figures):
        self.runs.setdefault(case, {}).setdefault(name, []).append(figures)

    def fail(self, case, name, reason):
        self.runs.setdefault(case, {})
        self.failures.setdefault(case, {}).setdefault(name, []).append(reason)

    def middle(self, case, name, what):
        return middle(run[what] for run in self.runs[case][name])


def number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def title(case, options):
    act, amount = case
    return {
        "memory": f"{amount:,} idle connections",
        "room": f"One room of {amount:,}; then {options.burst} messages at once",
        "pairs": f"{options.crowd // 2:,} rooms of 2, {amount:,} messages/s",
        "storm": f"{amount:,} come back after the server was killed",
    }[act]


def tables(results, options):
    return "\n\n".join(table(results, case, options) for case in results.runs)


def table(results, case, options):
    columns, runs = COLUMNS[case[0]], results.runs[case]
    lines = [
        f"| {title(case, options)} | " + " | ".join(heading for _, heading in columns) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    for name in runs:
        cells = [number(results.middle(case, name, what)) for what, _ in columns]
        lines.append(f"| {name} ({len(runs[name])} runs) | " + " | ".join(cells) + " |")
    for name in runs:
        if name != OWN and OWN in runs:
            cells = [ratio(results, case, name, what) for what, _ in columns]
            lines.append(f"| {OWN} / {name} | " + " | ".join(cells) + " |")
    for name, reasons in results.failures.get(case, {}).items():
        lines.append(f"| {name}: {len(reasons)} runs failed: {reasons[0]} |" + " |" * len(columns))
    return "\n".join(lines)


def ratio(results, case, name, what):
    other = results.middle(case, name, what)
    return f"{results.middle(case, OWN, what) / other:.2f}" if other else ""


def goals(results, options):
    """What was set out to be reached, and whether it was, one line each."""
    lines = []
    for case, runs in results.runs.items():
        if OWN not in runs:
            continue
        for what, limit, is_floor in limits(case):
            value = results.middle(case, OWN, what)
            reached = value >= limit if is_floor else value <= limit
            lines.append(f"{verdict(reached)} {title(case, options)}: {what} {number(value)}; goal {limit:,}")
        if case[0] == "room":
            value = results.middle(case, OWN, "deliveries/s")
            for name in runs:
                if name in PEERS:
                    other = results.middle(case, name, "deliveries/s")
                    lines.append(
                        f"{verdict(value > other)} {title(case, options)}: deliveries/s {number(value)},"
                        f" {name} {number(other)}"
                    )
    return lines


def limits(case):
    """(figure, goal, whether it must be at least that)"""
    act, amount = case
    if act == "memory":
        return [("KiB each", KIB_EACH, False)]
    if act == "room":
        return [("last", ROOM_MILLISECONDS, False), ("deliveries/s", DELIVERIES, True)]
    if act == "pairs" and amount == PAIRS_RATE:
        return [("p99", PAIRS_MILLISECONDS, False)]
    if act == "storm":
        return [("s", STORM_SECONDS, False)]
    return []


def verdict(reached):
    return "reached:" if reached else "MISSED: "
