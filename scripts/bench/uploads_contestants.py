"""The servers of the bench of uploads, ours and nginx, each in front of the bucket that the environment names."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

from realtime_contestants import free_port
from s3_server import Server as Bucket

MIB = 1 << 20


def presigned(method, key):
    """Path and query of an address of the bucket that is good for a day."""
    bucket = Bucket(os.environ["ARCHIVE_S3_BUCKET"], settle=None)
    return bucket.presigned(method, key).removeprefix(bucket.endpoint)


class Server:
    """A process that listens, and all its children."""

    def __init__(self, command, port, **options):
        self.process = subprocess.Popen(command, start_new_session=True, **options)
        self.url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.stop()
                    raise SystemExit(f"{command[0]} does not start")
                time.sleep(0.05)

    def pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, children.split())]

    def peak_mib(self):
        peaks = []
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peaks.append(int(line.split()[1]) / 1024)
        return sum(peaks)

    def forget_peak(self):
        for pid in self.pids():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(30)


def ours(program, folder, max_bytes="1GiB", **options):
    port = free_port()
    settings = {
        "http.port": port,
        "data.directory": f"{folder}/data",
        "uploads.maxBytes": max_bytes,
        "uploads.atOnce": 64,
        "uploads.atOncePerUser": 64,
        "uploads.quotaBytes": "1000GiB",
        "limits.uploadsPerAddress": "off",
        "limits.uploadsPerAccount": "off",
        "limits.downloadsPerAddress": "off",
        "pictures.program": "off",
        "auth.passwordCost": 10,
        "log.level": "error",
    }
    flags = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    return Server([program, "serve", *flags], port, stdout=subprocess.DEVNULL, **options)


def nginx(folder):
    port = free_port()
    endpoint = urllib.parse.urlsplit(os.environ["ARCHIVE_S3_ENDPOINT"])
    Path(folder, "nginx.conf").write_text(
        f"""daemon off; worker_processes auto; pid {folder}/nginx.pid; error_log stderr error;
        events {{ worker_connections 1024; }}
        http {{
          access_log off; client_max_body_size 0; client_body_temp_path {folder}/body;
          proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
          scgi_temp_path {folder}/s;
          upstream bucket {{ server {endpoint.netloc}; keepalive 64; }}
          server {{
            listen 127.0.0.1:{port};
            location / {{
              proxy_pass {endpoint.scheme}://bucket; proxy_http_version 1.1; proxy_set_header Connection "";
              proxy_set_header Host {endpoint.netloc}; proxy_request_buffering off; proxy_max_temp_file_size 0;
            }}
          }}
        }}"""
    )
    program = "/usr/sbin/nginx"
    return Server([program, "-p", folder, "-c", f"{folder}/nginx.conf"], port)


def asked(url, token=None, body=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
        return json.load(answer)


def signed_up(server):
    """Somebody's access token."""
    account = {"email": "a@example.org", "name": "Ada", "password": "correct horse"}
    return asked(server.url + "/api/auth/signup", body=account)["accessToken"]
