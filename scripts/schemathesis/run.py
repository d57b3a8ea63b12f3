"""Lets schemathesis examine a running server against its own /openapi.json, as every role and as nobody.

    run.py SERVER [--seed NUMBER] [--examples NUMBER] [--role ROLE]... [--keep]

SERVER is the built program. It runs on the embedded default in a scratch folder, with a cheap password
hash and without limits on callers, which would only hide what is behind them. Everything random comes
from the seed, which is printed: the same in every run, or that of ARCHIVE_SEED. The exit code is 0 if nobody found anything.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import world

ROLES = ["nobody", *world.ROLES]
HERE = pathlib.Path(__file__).parent
# They try every boundary of every field; the others, who may do what a customer or an admin may, only
# random inputs and chains of requests.
THOROUGH = {"nobody", "customer", "admin"}


def start(server, folder):
    """The running server and its address."""
    settings = {
        "data.directory": folder / "data",
        "http.port": 0,
        "auth.passwordCost": 4,
        "log.format": "json",
    }
    limits = ["signIns", "signUps", "mails", "searches", "sends", "uploads"]
    settings |= {f"limits.{name}PerAddress": "off" for name in [*limits, "downloads"]}
    settings |= {f"limits.{name}PerAccount": "off" for name in limits if name != "signUps"}
    settings |= {"limits.freeSignInFailures": 1_000_000, "limits.freeAddressFailures": 1_000_000}
    flags = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVE_")}
    with open(folder / "server.log", "wb") as log:
        process = subprocess.Popen(
            [server, "serve", *flags], stdout=subprocess.PIPE, stderr=log, env=environment, cwd=folder
        )
    line = process.stdout.readline().decode()
    address = re.search(r"http://\S+", line)
    if not address:
        process.kill()
        sys.exit(f"the server did not start:\n{(folder / 'server.log').read_text()[-4000:]}")
    return process, address.group(), flags, environment


def examine(role, address, folder, options):
    """One run of schemathesis; its exit code and what it said."""
    command = [
        sys.executable, "-B", "-m", "schemathesis.cli",
        "--config-file", HERE / "schemathesis.toml", "run", f"{address}/openapi.json",
        "--checks", "all", "--seed", str(options.seed), "--max-examples", str(options.examples),
        "--generation-database", "none", "--continue-on-failure", "--no-color",
        "--phases", "coverage,fuzzing,stateful" if role in THOROUGH else "fuzzing,stateful",
    ]  # fmt: skip
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(HERE)]),
        "SCHEMATHESIS_HOOKS": "hooks",
        "EXAMINED_WORLD": str(folder / "world.json"),
        "EXAMINED_ROLE": role,
    }
    result = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder)
    (folder / f"{role}.txt").write_text(result.stdout + result.stderr)
    return role, result.returncode, result.stdout + result.stderr


def failures_of_server(folder):
    """Lines of the log that a client must not be able to cause."""
    log = (folder / "server.log").read_text(errors="replace").splitlines()
    return [line for line in log if re.search(r'"level":\s*"(error|critical)"', line)]


def run(options, folder):
    process, address, flags, environment = start(options.server, folder)
    found = False
    try:
        world.build(address, [options.server, "user", "create", *flags], environment, folder)
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            runs = [pool.submit(examine, role, address, folder, options) for role in options.role]
            for finished in concurrent.futures.as_completed(runs):
                role, code, text = finished.result()
                # A run that says no number has examined nothing, whatever its exit code.
                count = re.search(r"^\s*(\d+) generated", text, re.MULTILINE)
                is_good = code == 0 and count is not None and int(count.group(1)) > 0
                said = f"{count.group(1)} requests" if count else "no request"
                print(f"    as {role}: {said}, {'nothing found' if is_good else 'FOUND SOMETHING'}", flush=True)
                if not is_good:
                    found = True
                    print(text)
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)
    lines = failures_of_server(folder)
    if lines:
        print("the server logged errors:", *lines[:20], sep="\n")
    if code != 0:
        print(f"the server ended with exit code {code}")
    return found or bool(lines) or code != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("ARCHIVE_SEED", 1)))
    parser.add_argument("--examples", type=int, default=5, help="random inputs for each route, at most")
    parser.add_argument("--role", action="append", choices=ROLES, help="only as this role")
    parser.add_argument("--keep", action="store_true", help="keep the scratch folder")
    options = parser.parse_args()
    options.role = options.role or ROLES
    print(f"    schemathesis: ARCHIVE_SEED={options.seed}", flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="schemathesis-"))
    try:
        sys.exit(1 if run(options, folder) else 0)
    finally:
        if options.keep:
            print(f"    everything is in {folder}")
        else:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
