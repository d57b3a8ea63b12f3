"""Medians, ratios and the goals of `./dev bench s3`, as Markdown."""

from statistics import median

LIMIT, OWN = "curl", "ours"
# The same with a hash that is known beforehand, so that client and server have the same work.
LIMIT_TOLD, OWN_TOLD = "curl, hash told", "ours, hash known"


def size_name(size):
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} bytes"


def number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


class Results:
    """Every run of every contestant, and what an empty run of each costs."""

    def __init__(self):
        self.empty = {}  # name → runs
        self.runs = {}  # case → name → runs

    def add_empty(self, name, run):
        self.empty.setdefault(name, []).append(run)

    def add(self, case, name, run):
        self.runs.setdefault(case, {}).setdefault(name, []).append(run)

    def start(self, name, what):
        """The least seen: a start in a busy moment, taken off a run in a quiet one, would make a rate out of nothing."""
        return min(run[what] for run in self.empty[name])

    def rates(self, case, name):
        """Requests a second of small objects, MiB a second of large ones; what starting costs is taken off."""
        amount = case.count if case.size < 1 << 20 else case.count * case.size / (1 << 20)
        start = self.start(name, "wall")
        return [amount / max(run["wall"] - start, run["wall"] / 20) for run in self.runs[case][name]]

    def cpu(self, case, name):
        """Milliseconds of CPU an object, without what starting costs."""
        used = median(run["cpu"] for run in self.runs[case][name]) - self.start(name, "cpu")
        return max(used, 0) * 1000 / case.count

    def peak(self, case, name):
        return median(run["peak_kib"] for run in self.runs[case][name]) / 1024


def table(results):
    lines = [
        "| an empty run, at best | wall ms | CPU ms | peak MiB |",
        "| --- | --- | --- | --- |",
    ]
    for name, runs in results.empty.items():
        wall, cpu = results.start(name, "wall") * 1000, results.start(name, "cpu") * 1000
        peak = median(run["peak_kib"] for run in runs) / 1024
        lines.append(f"| {name} | {number(wall)} | {number(cpu)} | {number(peak)} |")
    lines += ["", f"| | | rate (lowest to highest) | to {LIMIT} | CPU ms an object | to {LIMIT} | peak MiB |"]
    lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
    for case, runs in results.runs.items():
        title = f"{case.act.upper()} {size_name(case.size)}, {case.at_once} at once"
        for name in runs:
            lines.append(f"| {title} | {row(results, case, name)} |")
            title = ""
    return "\n".join(lines)


def row(results, case, name):
    rates, cpu = results.rates(case, name), results.cpu(case, name)
    unit = "/s" if case.size < 1 << 20 else "MiB/s"
    ratios = ["", ""]
    if LIMIT in results.runs[case]:
        ratios[0] = f"{median(rates) / median(results.rates(case, LIMIT)):.2f}"
        limit = results.cpu(case, LIMIT)
        ratios[1] = f"{cpu / limit:.2f}" if limit else ""
    spread = f"{number(min(rates))} to {number(max(rates))}"
    return (
        f"{name} | {number(median(rates))} {unit} ({spread}) | {ratios[0]} | {number(cpu)}"
        f" | {ratios[1]} | {number(results.peak(case, name))}"
    )


def goals(results, peers):
    """What was set out to be reached, and whether it was, one line each."""
    lines = []
    for case, runs in results.runs.items():
        if OWN not in runs:
            continue
        title = f"{case.act} of {size_name(case.size)}, {case.at_once} at once"
        if case.size >= 64 << 20 and LIMIT in runs:
            for own, limit in ((OWN, LIMIT), (OWN_TOLD, LIMIT_TOLD)):
                if own in runs and limit in runs:
                    ratio = median(results.rates(case, own)) / median(results.rates(case, limit))
                    lines.append(f"{verdict(ratio >= 0.95)} {title}: {own} / {limit} {ratio:.2f}; goal 0.95")
        rivals = [name for name in runs if name in peers]
        for what, value in (("CPU an object", results.cpu), ("peak memory", results.peak)):
            if rivals:
                best = min(rivals, key=lambda name: value(case, name))
                own, other = value(case, OWN), value(case, best)
                lines.append(
                    f"{verdict(own < other)} {title}: {what} {number(own)}, the best peer {best} {number(other)}"
                )
    peaks = {case: results.peak(case, OWN) for case, runs in results.runs.items() if OWN in runs}
    for act in ("put", "get"):
        for at_once in sorted({case.at_once for case in peaks}):
            sizes = {
                case.size: peak
                for case, peak in peaks.items()
                if (case.act, case.at_once) == (act, at_once) and case.size >= 1 << 20
            }
            if len(sizes) > 1:
                low, high = min(sizes.values()), max(sizes.values())
                named = ", ".join(f"{size_name(size)} {number(peak)}" for size, peak in sizes.items())
                flat = verdict(high < 1.25 * low)
                lines.append(f"{flat} {act}, {at_once} at once, peak MiB by size: {named}; goal flat")
    return lines


def verdict(reached):
    return "reached:" if reached else "MISSED: "
