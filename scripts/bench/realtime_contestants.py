"""Who is measured by `./dev bench realtime`: servers that start, are looked at from outside, and end."""

import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from queue import SimpleQueue

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60
SIGN_UPS_AT_ONCE = 8


def raise_descriptor_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Process:
    """One run of a server. Memory and CPU are read from outside."""

    def __init__(self, command, variables, log):
        with open(log, "ab") as errors:
            self.popen = subprocess.Popen(
                command, env={**os.environ, **variables}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
            )
        # A server that does not come up is ended, and then it has no first line.
        timer = threading.Timer(START_SECONDS, self.popen.kill)
        timer.start()
        line = self.popen.stdout.readline()
        timer.cancel()
        if not line:
            raise SystemExit(f"{command[0]} did not start; its errors are in {log}:\n{Path(log).read_text()[-2000:]}")

    def cpu_seconds(self):
        return cpu_seconds(self.popen.pid)

    def resident_kib(self):
        """The least of what is seen within three seconds: what is freed late does not count."""
        seen = []
        for _ in range(6):
            time.sleep(0.5)
            lines = Path(f"/proc/{self.popen.pid}/smaps_rollup").read_text().splitlines()
            seen.append(next(int(line.split()[1]) for line in lines if line.startswith("Rss:")))
        return min(seen)

    def peak_kib(self):
        lines = Path(f"/proc/{self.popen.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))

    def stop(self):
        self.popen.terminate()
        try:
            self.popen.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        self.popen.kill()
        self.popen.wait()


class Contestant:
    """A server for which clients have seats: files with a token and a conversation a line."""

    name = ""
    # Whether a message is acknowledged only when it is on disk, and whether it comes back to the same world.
    is_durable = False

    def __init__(self, folder):
        self.folder = folder
        self.log = folder / f"{self.name.replace(' ', '-')}.log"

    def prepare(self, people, room_people):
        """Makes the seats."""
        raise NotImplementedError

    def start(self, port):
        raise NotImplementedError

    def collect_garbage(self, process):
        pass

    def write_seats(self, name, seats):
        (self.folder / f"{self.name.replace(' ', '-')}.{name}").write_text("".join(f"{a} {b}\n" for a, b in seats))

    def seats(self, name):
        return str(self.folder / f"{self.name.replace(' ', '-')}.{name}")


class Relay(Contestant):
    """A chat without an archive: the token is the room, and whoever names it is in."""

    command = ()
    variables = {}

    def prepare(self, people, room_people):
        self.write_seats("pairs", [(f"r{number // 2}", f"r{number // 2}") for number in range(people)])
        self.write_seats("room", [("r", "r")])

    def start(self, port):
        return Process([*self.command, str(port)], self.variables, self.log)

    def collect_garbage(self, process):
        process.popen.send_signal(signal.SIGUSR1)


class PythonSocketIO(Relay):
    """python-socketio on aiohttp and uvloop."""

    name = "python-socketio"

    def __init__(self, folder, packages):
        super().__init__(folder)
        self.command = [sys.executable, "-B", HERE / "peer_socketio.py"]
        self.variables = {"PYTHONPATH": packages}


class BareWS(Relay):
    """Debian's `ws` on node, with no more of Socket.IO than the clients need."""

    name = "ws"
    command = ("node", "--expose-gc", HERE / "peer_ws.js")
    variables = {"NODE_PATH": "/usr/share/nodejs"}


class OursRelay(Relay):
    """Our transport doing what the peers do: no accounts, no archive."""

    name = "ours, relay"

    def __init__(self, folder, program):
        super().__init__(folder)
        self.command = [program]

    def collect_garbage(self, process):
        pass


class Ours(Contestant):
    """The whole server: people with accounts and sessions, every message durable before it is acknowledged."""

    name = "ours"
    is_durable = True

    def __init__(self, folder, program, data):
        super().__init__(folder)
        self.program, self.data = program, data
        self.variables = {
            **{name: None for name in os.environ if name.startswith("ARCHIVE_")},
            "ARCHIVE_DATA_DIRECTORY": str(data),
            "ARCHIVE_AUTH_PASSWORDCOST": "4",
            "ARCHIVE_AUTH_ACCESSTOKENLIFETIME": "12h",
            "ARCHIVE_CONVERSATIONS_CUSTOMERSMAYMEET": "true",
            "ARCHIVE_LOG_LEVEL": "warning",
            "ARCHIVE_HTTP_CONNECTIONLIMIT": "100000",
            # A whole town comes from one machine, and in one room each person has many devices.
            **{
                f"ARCHIVE_LIMITS_{name}": "off"
                for name in ("SIGNUPSPERADDRESS", "SIGNINSPERADDRESS", "SIGNINSPERACCOUNT")
                + ("SENDSPERADDRESS", "SENDSPERACCOUNT")
            },
            "ARCHIVE_REALTIME_CONNECTIONLIMIT": "100000",
            "ARCHIVE_REALTIME_CONNECTIONSPERADDRESS": "100000",
            "ARCHIVE_REALTIME_SOCKETSPERUSER": "1000",
            "ARCHIVE_REALTIME_EVENTSPERSECOND": "100000",
            "ARCHIVE_REALTIME_EVENTBURST": "100000",
        }

    def environment(self):
        return {name: value for name, value in {**os.environ, **self.variables}.items() if value is not None}

    def start(self, port):
        command = ["env", "-i", *(f"{name}={value}" for name, value in self.environment().items())]
        return Process([*command, self.program, "serve", "--port", str(port)], {}, self.log)

    def prepare(self, people, room_people):
        port = free_port()
        process = self.start(port)
        try:
            town = Town(port)
            accounts = town.sign_up(people)
            pairs = list(zip(accounts[::2], accounts[1::2]))
            opened = town.each(pairs, lambda ask, pair: town.open(ask, pair[0], "direct", [pair[1]]))
            self.write_seats("pairs", [(a[1], room) for pair, room in zip(pairs, opened) for a in pair])
            ask = town.asking()
            members = accounts[:room_people]
            room = town.open(ask, members[0], "group", members[1:], title="Everybody")
            self.write_seats("room", [(token, room) for _, token in members])
        finally:
            process.stop()
        # Else the first that is measured shares its process with the archiving of all these beginnings.
        subprocess.run([self.program, "flush"], env=self.environment(), check=True, capture_output=True)


class Town:
    """Signs people up and opens their conversations, over HTTP as anybody would."""

    def __init__(self, port):
        self.port = port

    def asking(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

        def ask(path, body, token=None):
            headers = {"Content-Type": "application/json"}
            if token:
                headers["Authorization"] = f"Bearer {token}"
            connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            answer = response.read()
            if response.status not in (200, 201):
                raise SystemExit(f"{path}: {response.status} {answer[:500]}")
            return json.loads(answer)

        return ask

    def sign_up(self, count):
        return self.each(range(count), self.sign_up_one)

    def sign_up_one(self, ask, number):
        body = {"email": f"person{number}@example.org", "name": f"Person {number}", "password": "correct horse"}
        answer = ask("/api/auth/signup", body)
        return answer["user"]["id"], answer["accessToken"]

    def open(self, ask, owner, kind, others, **more):
        body = {"kind": kind, "members": [user for user, _ in others], **more}
        return ask("/api/conversations", body, owner[1])["id"]

    def each(self, things, act):
        """`act(ask, thing)` for each, some at once; the results in order. The first failure ends it."""
        queue, results, failures = SimpleQueue(), {}, []
        things = list(things)
        for item in enumerate(things):
            queue.put(item)
        for _ in range(SIGN_UPS_AT_ONCE):
            queue.put(None)

        def work():
            ask = self.asking()
            try:
                while not failures and (item := queue.get()):
                    results[item[0]] = act(ask, item[1])
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(SIGN_UPS_AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return [results[number] for number in range(len(things))]
