"""Our log on MongoDB beside bare libmongoc and pymongo, on one server in one run.

`./dev bench mongo` starts a server and calls this. Each contestant is a process of its own, for every run a new
one; contestants take turns, round for round, so that a busy moment of the machine hits all alike. Each measures
itself from the moment when all its clients are connected. Medians are reported.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import mongo_contestants as contestants
import mongo_report
from mongo_report import Case

PARTS = ("appends", "pages", "codec")
DEADLINE_SECONDS = 300
# Of `appends`: at how many clients allocations are counted, where that is measured.
COUNTED_CLIENTS = 64


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench mongo", description=__doc__.split("\n")[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--clients", nargs="+", type=int, default=[1, 8, 64, 512], help="that append at once")
    parser.add_argument("--readers", nargs="+", type=int, default=[1, 8], help="that read pages at once")
    parser.add_argument("--seconds", type=float, default=3, help="for each measurement")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=20_000, help="in the conversation that is read")
    parser.add_argument("--encoded", type=int, default=200_000, help="messages for each run of the codec")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help=f"contestants; there is also: {contestants.BareOnce.name}"
    )
    for hidden in ("ours", "bare", "packages", "counter", "server_pid"):
        parser.add_argument(f"--{hidden.replace('_', '-')}", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        everybody = [
            contestants.Bare([options.bare]),
            contestants.BareOnce([options.bare]),
            contestants.Ours([options.ours]),
            contestants.PyMongo(options.packages),
        ]
        names = options.only or [one.name for one in everybody if not isinstance(one, contestants.BareOnce)]
        if unknown := set(names) - {one.name for one in everybody}:
            all_names = "; ".join(one.name for one in everybody)
            raise SystemExit(f"nobody is called {', '.join(unknown)}; there are: {all_names}")
        self.contestants = [one for one in everybody if one.name in names]
        self.results = mongo_report.Results()

    def run(self):
        self.print_versions()
        documents = None
        if "appends" in self.options.parts:
            for clients in self.options.clients:
                documents = self.run_appends(clients)
        if "pages" in self.options.parts:
            self.run_pages()
        if "codec" in self.options.parts:
            self.run_codec(documents or self.stored(8, min(self.options.seconds, 1)))
        print(mongo_report.tables(self.results), "\n")
        print("\n".join(mongo_report.goals(self.results)))

    def run_appends(self, clients):
        case, seconds = Case("append", clients), self.options.seconds
        # Some more than ours stores in the time, so that the others do not run out of documents.
        documents = self.stored(clients, 2 * seconds)
        for one in self.turns():
            self.append(one, case, seconds, documents)
        if clients == COUNTED_CLIENTS:
            for one in self.contestants:
                if one.is_counted:
                    self.append(one, case, min(seconds, 1), documents, counting=True)
        return documents

    def append(self, one, case, seconds, documents, counting=False):
        self.tool("prepare")
        [run] = self.measure(one, one.command("append", case.clients, seconds, documents), case, counting)
        self.tool("check", run["count"])
        self.results.add(case, one.name, run)

    def stored(self, clients, seconds):
        """The documents that ours stores in the time, as a file; also warms up the server."""
        file = self.folder / "documents"
        self.tool("prepare")
        self.tool("append", clients, seconds, file)
        return file

    def run_pages(self):
        self.tool("prepare")
        messages = self.options.messages
        conversation = json.loads(self.tool("fill", messages))["conversation"]
        for place in ("newest", "older"):
            for clients in self.options.readers:
                case = Case(place, clients)
                for one in self.turns():
                    command = one.command("pages", place, clients, self.options.seconds, messages, conversation)
                    [run] = self.measure(one, command, case)
                    self.results.add(case, one.name, run)

    def run_codec(self, documents):
        for one in self.turns():
            self.codec(one, documents)
        for one in self.contestants:
            if one.is_counted:
                self.codec(one, documents, counting=True)

    def codec(self, one, documents, counting=False):
        case = Case("codec", 1)
        command = one.command("encode", documents, self.options.encoded)
        for run in self.measure(one, command, case, counting):
            self.results.add(case, f"{one.name}: {run['name']}", run)

    def turns(self):
        """Every contestant once a round; another one is first in each."""
        everybody = self.contestants
        for turn in range(self.options.rounds):
            first = turn % len(everybody)
            yield from everybody[first:] + everybody[:first]

    def tool(self, *words):
        """Our program for what is not measured."""
        done = subprocess.run([self.options.ours, *map(str, words)], check=True, stdout=subprocess.PIPE)
        return done.stdout

    def measure(self, one, command, case, counting=False):
        """One run of one contestant; what it printed, and the CPU that the server took, connecting included."""
        variables = {**os.environ, **one.variables}
        output, errors = self.folder / "output", self.folder / "errors"
        if counting:
            command = ["/usr/bin/env", f"LD_PRELOAD={self.options.counter}", *command]
        server = self.server_cpu()
        report = subprocess.run(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("measure.py")), str(DEADLINE_SECONDS),
             str(output), str(errors), *map(str, command)],
            env=variables, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        server = self.server_cpu() - server
        process = json.loads(report.stdout)
        if process["code"] != 0:
            raise SystemExit(
                f"{one.name} ended with {process['code']}: {errors.read_text(errors='replace')[-2000:]}"
            )
        runs = [json.loads(line) for line in output.read_text().splitlines()]
        for run in runs:
            run["server_cpu"] = server
            print(
                f"{case.act:8}{case.clients:>4} at once  {one.name + ' ' + run.get('name', ''):32}"
                f"{run['count'] / run['seconds']:12.0f}/s{run['cpu'] * 1e6 / run['count']:9.1f} us CPU each"
                f"{'  counted' if counting else ''}",
                file=sys.stderr,
            )
        return runs

    def server_cpu(self):
        """Seconds of CPU that the server has taken so far."""
        # The second field is the program's name, in brackets.
        fields = Path(f"/proc/{self.options.server_pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def print_versions(self):
        for one in self.contestants:
            if type(one) in (contestants.Bare, contestants.PyMongo):
                subprocess.run(one.command("version"), env={**os.environ, **one.variables}, check=True)
        print(f"load average before: {os.getloadavg()[0]:.2f}\n", flush=True)


def main():
    options = arguments()
    folder = Path(tempfile.mkdtemp(prefix="archive-bench-", dir="/dev/shm"))
    try:
        Bench(options, folder).run()
    finally:
        shutil.rmtree(folder)


main()
