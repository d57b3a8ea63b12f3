"""Our realtime server beside python-socketio and a bare ws server, with the same clients, in one run.

`./dev bench realtime` calls this. Every measurement has a server process of its own, freshly started; contestants
take turns, round for round, so that a busy moment of the machine hits all alike. Clients and server share the
machine; the clients live on one thread. Medians are reported.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import realtime_contestants as contestants
import realtime_report
from realtime_contestants import free_port

ACTS = ("memory", "room", "pairs", "storm")
# Descriptors that a process needs besides its sockets.
SPARE_DESCRIPTORS = 100
WARM_UP_SOCKETS = 100
AT_ONCE = 64
DEADLINE_SECONDS = 600


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench realtime", description=__doc__.split("\n")[0])
    parser.add_argument("--acts", nargs="+", choices=ACTS, default=list(ACTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sockets", nargs="+", type=int, help="for memory; default 1000, 10000 and what descriptors allow")
    parser.add_argument("--crowd", type=int, default=10_000, help="sockets in the room, in pairs and in the storm")
    parser.add_argument("--rates", nargs="+", type=int, default=[1000, 2000], help="messages a second in pairs")
    parser.add_argument("--seconds", type=int, default=20, help="of talk in pairs")
    parser.add_argument("--messages", type=int, default=20, help="one at a time in the room")
    parser.add_argument("--burst", type=int, default=100, help="at once in the room")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="contestants")
    parser.add_argument("--directory", default=".build", help="where the archive is; a real disk")
    parser.add_argument("--load", default="", help=argparse.SUPPRESS)
    parser.add_argument("--ours", default="", help=argparse.SUPPRESS)
    parser.add_argument("--relay", default="", help=argparse.SUPPRESS)
    parser.add_argument("--packages", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


class Load:
    """One run of our clients; it tells what it finds line by line."""

    def __init__(self, program, act, port, seats, numbers):
        words = [f"{name}={value}" for name, value in numbers.items()]
        self.popen = subprocess.Popen(
            [program, act, str(port), seats, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def next(self, *expected):
        """The next finding; any but the expected is a failure of the whole run."""
        line = self.popen.stdout.readline()
        finding = json.loads(line) if line else {"event": "an early end"}
        if finding["event"] not in expected:
            raise Failure(f"expected {' or '.join(expected)}, not {finding['event']}")
        return finding

    def cpu_seconds(self):
        return contestants.cpu_seconds(self.popen.pid)

    def rest(self):
        """Everything up to its end."""
        output, _ = self.popen.communicate("\n", timeout=DEADLINE_SECONDS)
        if self.popen.returncode != 0:
            raise Failure(f"the clients ended with {self.popen.returncode}")
        return [json.loads(line) for line in output.splitlines()]

    def end(self):
        self.popen.kill()
        self.popen.wait()


class Failure(Exception):
    """A measurement that came to nothing; the reason is shown in place of figures."""


class Bench:
    def __init__(self, options, folder, limit):
        self.options = options
        self.sizes = options.sockets or [1000, 10_000, limit - SPARE_DESCRIPTORS]
        everybody = [
            contestants.Ours(folder, options.ours, folder / "data"),
            contestants.OursRelay(folder, options.relay),
            contestants.BareWS(folder),
            contestants.PythonSocketIO(folder, options.packages),
        ]
        names = options.only or [one.name for one in everybody]
        unknown = set(names) - {one.name for one in everybody}
        if unknown:
            all_names = "; ".join(one.name for one in everybody)
            raise SystemExit(f"nobody is called {', '.join(unknown)}; there are: {all_names}")
        self.contestants = [one for one in everybody if one.name in names]
        self.results = realtime_report.Results()

    def run(self):
        print(f"load average before: {os.getloadavg()[0]:.2f}\n")
        for one in self.contestants:
            start = time.monotonic()
            one.prepare(self.options.crowd, realtime_report.ROOM_PEOPLE)
            self.tell(one, "prepared", {"s": time.monotonic() - start})
        for turn in range(self.options.rounds):
            # Another one is first in each round.
            first = turn % len(self.contestants)
            for case in self.cases():
                for one in self.contestants[first:] + self.contestants[:first]:
                    self.measure(one, case)
        print(realtime_report.tables(self.results, self.options), "\n")
        print("\n".join(realtime_report.goals(self.results, self.options)))

    def cases(self):
        for act in self.options.acts:
            if act == "memory":
                yield from (("memory", size) for size in self.sizes)
            elif act == "pairs":
                yield from (("pairs", rate) for rate in self.options.rates)
            else:
                yield (act, self.options.crowd)

    def measure(self, one, case):
        act, number = case
        try:
            figures = getattr(self, act)(one, number)
            self.results.add(case, one.name, figures)
        except Failure as failure:
            self.results.fail(case, one.name, str(failure))
            figures = {}
            print(f"{one.name}: {act} {number}: {failure}", file=sys.stderr)
        self.tell(one, f"{act} {number}", figures)

    def tell(self, one, what, figures):
        text = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
        print(f"{one.name:16} {what:14} {text}", file=sys.stderr, flush=True)

    # One method for each act; all start a server of their own.

    def memory(self, one, sockets):
        port = free_port()
        process = one.start(port)
        try:
            # What is needed once, for the first sockets, is not counted with each.
            self.held(one, process, port, WARM_UP_SOCKETS, AT_ONCE)
            time.sleep(1)
            idle = process.resident_kib()
            connected, resident, cpu = self.held(one, process, port, sockets, AT_ONCE)
            return {
                "KiB each": (resident - idle) / sockets,
                "MiB": resident / 1024,
                "handshakes/s": sockets / connected["seconds"],
                "CPU us": cpu * 1e6 / sockets,
            }
        finally:
            process.stop()

    def held(self, one, process, port, sockets, at_once):
        load = Load(self.options.load, "hold", port, one.seats("pairs"), {"sockets": sockets, "atOnce": at_once})
        try:
            before = process.cpu_seconds()
            connected = load.next("connected")
            cpu = process.cpu_seconds() - before
            one.collect_garbage(process)
            resident = process.resident_kib()
            load.rest()
            return connected, resident, cpu
        finally:
            load.end()

    def room(self, one, sockets):
        options = self.options
        numbers = {"sockets": sockets, "atOnce": AT_ONCE, "messages": options.messages, "burst": options.burst}
        with Started(one, options.load, "room", "room", numbers) as (process, load):
            load.next("connected")
            messages = []
            while (finding := load.next("message", "burstBegins"))["event"] == "message":
                messages.append(finding)
            before, clients_before = process.cpu_seconds(), load.cpu_seconds()
            burst = load.next("burst")
            cpu, clients = process.cpu_seconds() - before, load.cpu_seconds() - clients_before
            load.rest()
            middle = realtime_report.middle
            return {
                **{what: middle([message[what] for message in messages]) for what in ("p50", "p99", "last")},
                "worst last": max(message["last"] for message in messages),
                "deliveries/s": burst["deliveries"] / burst["seconds"],
                "CPU us": cpu * 1e6 / burst["deliveries"],
                "clients' CPU us": clients * 1e6 / burst["deliveries"],
                "peak MiB": process.peak_kib() / 1024,
            }

    def pairs(self, one, rate):
        options = self.options
        numbers = {"sockets": options.crowd, "atOnce": AT_ONCE, "rate": rate, "seconds": options.seconds}
        with Started(one, options.load, "pairs", "pairs", numbers) as (process, load):
            load.next("connected")
            begin = load.next("talkBegins")
            before = process.cpu_seconds()
            end = load.next("talkEnds")
            cpu = process.cpu_seconds() - before
            talk = load.next("talk")
            load.rest()
            if talk["arrived"] != talk["sent"]:
                raise Failure(f"{talk['arrived']:.0f} of {talk['sent']:.0f} messages arrived")
            return {
                **{what: talk[what] for what in ("p50", "p99", "p999", "ackP50", "ackP99")},
                "sent/s": talk["sent"] / options.seconds,
                "CPU": cpu / (end["moment"] - begin["moment"]),
                "CPU us": cpu * 1e6 / talk["sent"],
            }

    def storm(self, one, sockets):
        numbers = {"sockets": sockets, "atOnce": AT_ONCE, "talkers": sockets // 20, "rate": sockets // 20}
        port = free_port()
        process = one.start(port)
        load = Load(self.options.load, "storm", port, one.seats("pairs"), numbers)
        try:
            load.next("connected")
            time.sleep(3)
            process.kill()
            load.next("lost")
            process = one.start(port)
            # Python's clock is the one that the clients read.
            ready = time.monotonic()
            back, talk = load.next("back"), load.next("talk")
            load.rest()
            return {
                "s": back["moment"] - ready,
                "handshakes/s": sockets / (back["moment"] - ready),
                "refusals": back["refusals"],
                **{what: talk[what] for what in ("p50", "p99")},
                "lost": talk["sent"] - talk["arrived"],
            }
        finally:
            load.end()
            process.stop()


class Started:
    """A server and its clients, both ended whatever happens."""

    def __init__(self, one, program, act, seats, numbers):
        self.order = (one, program, act, seats, numbers)

    def __enter__(self):
        one, program, act, seats, numbers = self.order
        port = free_port()
        self.process = one.start(port)
        self.load = Load(program, act, port, one.seats(seats), numbers)
        return self.process, self.load

    def __exit__(self, *_):
        self.load.end()
        self.process.stop()


def main():
    options = arguments()
    limit = contestants.raise_descriptor_limit()
    folder = Path(tempfile.mkdtemp(prefix="bench-realtime-", dir=options.directory)).absolute()
    try:
        Bench(options, folder, limit).run()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
