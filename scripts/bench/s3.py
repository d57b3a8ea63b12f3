"""Our S3 client beside the bare curl, boto3, awscli and s5cmd, on one server in one run.

`./dev bench s3` starts a server and calls this. Each contestant is a process of its own, for every
run a new one; contestants take turns, round for round, so that a busy moment of the machine hits
all alike. Medians are reported, and what an empty run costs is taken off first.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import s3_contestants as contestants
import s3_report
from s3_contestants import Case, Work
from s3_server import Server

SIZES = {"4KiB": 4 << 10, "1MiB": 1 << 20, "64MiB": 64 << 20, "1GiB": 1 << 30}
# How many objects one run moves, one at a time: a second's work or so. With more at once there
# are more, at least one for each. Stored objects take twice their size in the memory of the server.
COUNTS = {
    ("put", 4 << 10): 1000, ("get", 4 << 10): 1000,
    ("put", 1 << 20): 128, ("get", 1 << 20): 512,
    ("put", 64 << 20): 2, ("get", 64 << 20): 8,
    ("put", 1 << 30): 1, ("get", 1 << 30): 1,
}  # fmt: skip
STORED_AT_MOST = 4 << 30
PEERS = ("boto3", "awscli", "s5cmd")
EXTRAS = ("ours, keeping memory", "curl, to files")
# A PUT into a full store waits for ever.
DEADLINE_SECONDS = 300


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench s3", description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--at-once", nargs="+", type=int, default=[1, 32])
    parser.add_argument("--acts", nargs="+", choices=["put", "get"], default=["put", "get"])
    parser.add_argument("--rounds", type=int, default=3, help="with 1 GiB or more in a run half as many")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="contestants; there are also: " + "; ".join(EXTRAS))
    parser.add_argument("--huge", action="store_true", help="1 GiB objects 32 at once as well: GET 32, PUT 4 (minutes)")
    parser.add_argument("--ours", default="", help=argparse.SUPPRESS)
    parser.add_argument("--packages", default="", help=argparse.SUPPRESS)
    parser.add_argument("--bucket", default="chat-archive", help=argparse.SUPPRESS)
    parser.add_argument("--settle", help=argparse.SUPPRESS)
    return parser.parse_args()


def cases(options):
    """Every size, at once and act; PUT first."""
    found = []
    for name in options.sizes:
        for act in options.acts:
            for at_once in options.at_once:
                size = SIZES[name]
                if size * at_once > STORED_AT_MOST:
                    if not options.huge:
                        continue
                    at_once = at_once if act == "get" else STORED_AT_MOST // size
                found.append(Case(act, size, at_once, max(COUNTS[act, size], at_once)))
    return found


def need_memory(planned):
    """The server keeps objects in memory, at twice their size; what was deleted is not given back at once."""
    needed = 4 * max(min(case.size * case.count, STORED_AT_MOST) for case in planned)
    available = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    if available and int(available.group(1)) << 10 < needed:
        raise SystemExit(f"the server needs {needed >> 30} GiB of free memory; try --sizes 4KiB 1MiB")


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.server = Server(options.bucket, options.settle.split() if options.settle else None)
        everybody = [
            contestants.Ours(self.server, options.ours),
            contestants.OursInParts(self.server, options.ours),
            contestants.OursHashKnown(self.server, options.ours),
            contestants.OursKeepingMemory(self.server, options.ours),
            contestants.Curl(self.server),
            contestants.CurlHashed(self.server),
            contestants.CurlToFiles(self.server),
            contestants.Boto3(self.server, options.packages),
            contestants.AwsCli(self.server, options.packages, folder),
            contestants.S5cmd(self.server, options.packages),
        ]
        names = options.only or [one.name for one in everybody if one.name not in EXTRAS]
        unknown = set(names) - {one.name for one in everybody}
        if unknown:
            all_names = "; ".join(one.name for one in everybody)
            raise SystemExit(f"nobody is called {', '.join(unknown)}; there are: {all_names}")
        self.contestants = [one for one in everybody if one.name in names]
        self.results = s3_report.Results()
        self.files = {}

    def run(self):
        planned = cases(self.options)
        need_memory(planned)
        self.print_versions()
        for _ in range(max(3, self.options.rounds)):
            for one in self.contestants:
                # With no key there is nothing to do but to start, to make a client, and to end.
                self.results.add_empty(one.name, self.measure(one, Case("put", 4096, 1, 0), []))
        for case in planned:
            self.run_case(case)
        print(s3_report.table(self.results), "\n")
        print("\n".join(s3_report.goals(self.results, PEERS)))

    def run_case(self, case):
        big = case.size * case.count >= 1 << 30
        rounds = (self.options.rounds + 1) // 2 if big else self.options.rounds
        taking = [one for one in self.contestants if one.takes(case)]
        keys = [f"{case.act}/{number:05}" for number in range(case.count)]
        if case.act == "get":
            keys = self.stored(case, keys)
        if case.act == "put" and big:
            # Whoever came first would pay for the memory that the server asks of the system.
            self.server.delete("put/")
            self.measure(contestants.Curl(self.server), case, keys)
        for turn in range(rounds):
            # Another one is first in each round.
            for one in taking[turn % len(taking) :] + taking[: turn % len(taking)]:
                if case.act == "put":
                    self.server.delete("put/")
                run = self.measure(one, case, keys)
                if case.act == "put":
                    self.check_stored(one, case)
                self.results.add(case, one.name, run)
        self.server.delete(f"{case.act}/")

    def stored(self, case, keys):
        """Puts what is to be read; fewer objects than requests where they would not fit."""
        self.server.delete("get/")
        different = keys[: max(1, STORED_AT_MOST // case.size)]
        put = Case("put", case.size, 4, len(different))
        self.measure(contestants.Curl(self.server), put, different)
        return [different[number % len(different)] for number in range(case.count)]

    def check_stored(self, one, case):
        sizes = [size for _, size in self.server.objects("put/")]
        if sizes != [case.size] * case.count:
            raise SystemExit(f"{one.name} stored {len(sizes)} objects instead of {case.count}, or others")

    def measure(self, one, case, keys):
        """One run of one contestant, in a folder that goes away with all it wrote."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            work = Work(case, f"{case.act}/", keys, self.file(case.size), folder)
            run = self.measured(one, one.command(work), folder)
            if one.counts_bytes and (moved := int((folder / "output").read_text())) != case.size * len(keys):
                raise SystemExit(f"{one.name} moved {moved} bytes instead of {case.size * len(keys)}")
        finally:
            shutil.rmtree(folder)
        print(
            f"{case.act:4}{s3_report.size_name(case.size):>8} x{len(keys):<5}{case.at_once:>3} at once  {one.name:18}"
            f"{run['wall']:8.3f} s{run['cpu']:8.3f} s CPU{run['peak_kib'] / 1024:8.1f} MiB",
            file=sys.stderr,
        )
        return run

    def measured(self, one, command, folder):
        # What cannot be checked by its length is not worth keeping.
        output = folder / "output" if one.counts_bytes else os.devnull
        measure = [sys.executable, "-I", "-S", str(Path(__file__).with_name("measure.py"))]
        report = subprocess.run(
            [*measure, str(DEADLINE_SECONDS), str(output), str(folder / "errors"), *command],
            env={**os.environ, **one.variables}, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        run = json.loads(report.stdout)
        if run["code"] != 0:
            errors = (folder / "errors").read_text(errors="replace")[-2000:]
            raise SystemExit(f"{one.name} ended with {run['code']}: {errors}")
        return run

    def file(self, size):
        """Random bytes in memory, made once for each size."""
        if size not in self.files:
            self.files[size] = self.folder / f"payload-{size}"
            with open(self.files[size], "wb") as file:
                for _ in range(0, size, 4096):
                    file.write(os.urandom(4096))
        return self.files[size]

    def print_versions(self):
        versions = []
        for one in self.contestants:
            if command := one.version():
                answer = subprocess.run(command, env={**os.environ, **one.variables}, check=True, stdout=subprocess.PIPE)
                versions.append(f"{one.name.split(',')[0]}: {answer.stdout.decode().splitlines()[0]}")
        print("\n".join(dict.fromkeys(versions)))
        print(f"load average before: {os.getloadavg()[0]:.2f}\n")


def main():
    options = arguments()
    # tmpfs: neither a disk's speed nor its cache shall be measured.
    folder = Path(tempfile.mkdtemp(prefix="archive-bench-", dir="/dev/shm"))
    try:
        Bench(options, folder).run()
    finally:
        shutil.rmtree(folder)


main()
