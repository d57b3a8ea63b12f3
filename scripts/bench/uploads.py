"""Sends files to our server and fetches them, and does the same through nginx, with the same bucket behind both.

nginx passes bytes on and knows nothing of them: it is what the way through a server costs at least. Ours signs in the
sender, parses the form, hashes and sniffs, signs what goes to the bucket, looks up whether the link is good, and counts.
nginx gets addresses that are signed beforehand. One client, curl, for both.

./dev bench uploads [--tls] [--rounds N] [--large GIB]. Each figure is the median of the rounds, which alternate.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import uploads_large
from uploads_contestants import MIB, asked, nginx, ours, presigned, signed_up

# How many at once, MiB of each.
CASES = [(1, 256), (32, 16)]


def curl(transfers, count):
    """Runs transfers, each a list of curl's options, at once; their answers."""
    command = ["curl", "--silent", "--show-error", "--fail", "--parallel", "--parallel-immediate",
               "--parallel-max", str(count), "--no-progress-meter"]
    for number, transfer in enumerate(transfers):
        command += (["--next", "--silent", "--show-error", "--fail"] if number else []) + transfer
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def measured(server, transfers, count, total):
    server.forget_peak()
    start = time.monotonic()
    output = curl(transfers, count)
    return output, total / MIB / (time.monotonic() - start), server.peak_mib()


def answers(text):
    """What curl was answered side by side: JSON behind JSON."""
    found, text = [], text.strip()
    while text:
        answer, end = json.JSONDecoder().raw_decode(text)
        found.append(answer)
        text = text[end:].strip()
    return found


def round_ours(server, token, source, count, total):
    upload = ["--header", f"Authorization: Bearer {token}", "--header", "Expect:",
              "--form", f"file=@{source}", server.url + "/api/files"]
    output, up, up_peak = measured(server, [upload] * count, count, total)
    ids = [answer["id"] for answer in answers(output.decode())]
    assert len(ids) == count, output
    links = [asked(f"{server.url}/api/files/{id}/links", token, {})["url"] for id in ids]
    fetch = [["--output", "/dev/null", url] for url in links]
    _, down, down_peak = measured(server, fetch, count, total)
    return up, up_peak, down, down_peak


def round_nginx(server, source, count, total):
    keys = [f"bench/{time.monotonic_ns()}-{number}" for number in range(count)]
    send = [["--header", "Expect:", "--output", "/dev/null", "--upload-file", source,
             server.url + presigned("PUT", key)] for key in keys]
    _, up, up_peak = measured(server, send, count, total)
    fetch = [["--output", "/dev/null", server.url + presigned("GET", key)] for key in keys]
    _, down, down_peak = measured(server, fetch, count, total)
    return up, up_peak, down, down_peak


def report(name, rounds):
    up, up_peak, down, down_peak = (statistics.median(values) for values in zip(*rounds))
    print(f"  {name:<6} upload {up:7.0f} MiB/s, peak {up_peak:5.0f} MiB"
          f"   download {down:7.0f} MiB/s, peak {down_peak:5.0f} MiB", flush=True)
    return up, down


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", type=int, metavar="GIB", help="one file of that size through 256 MiB, and no nginx")
    parser.add_argument("--tls", action="store_true",
                        help="the bucket is reached by https, which guards bodies: ours hashes none for its signatures")
    parser.add_argument("--ours", required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ["no_proxy"] = "127.0.0.1"
    if arguments.large:
        return uploads_large.run(arguments.ours, arguments.large << 30)
    with tempfile.TemporaryDirectory() as folder:
        servers = []
        try:
            servers = [ours(arguments.ours, folder), nginx(folder)]
            token = signed_up(servers[0])
            for count, size in CASES:
                source = f"{folder}/source"
                with open(source, "wb") as file:
                    for _ in range(size):
                        file.write(os.urandom(MIB))
                total = count * size * MIB
                results = ([], [])
                for _ in range(arguments.rounds):
                    results[0].append(round_ours(servers[0], token, source, count, total))
                    results[1].append(round_nginx(servers[1], source, count, total))
                print(f"{count} at once, {size} MiB each")
                mine, theirs = report("ours", results[0]), report("nginx", results[1])
                print(f"  ratio  upload {mine[0] / theirs[0]:.2f}   download {mine[1] / theirs[1]:.2f}",
                      flush=True)
        finally:
            for server in servers:
                server.stop()


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"a transfer failed: {error.returncode}")
