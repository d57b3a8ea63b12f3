"""The few requests that prepare and check a measurement, with nothing but Python's own library.

Every URL is presigned: that is also what the bare curl is given.
"""

import base64
import datetime
import hashlib
import hmac
import http.client
import os
import re
import subprocess
from urllib.parse import quote, urlsplit


class Server:
    """An S3 server, told by the variables that all S3 tools know (AWS_ENDPOINT_URL and so on)."""

    def __init__(self, bucket, settle):
        self.endpoint = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
        self.access_key = os.environ["AWS_ACCESS_KEY_ID"]
        self.secret_key = os.environ["AWS_SECRET_ACCESS_KEY"]
        self.region = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
        self.bucket = bucket
        self.settle_command = settle

    def presigned(self, method, key="", query=(), headers=()):
        """A URL for one request; `headers` are signed with it."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{now[:8]}/{self.region}/s3/aws4_request"
        path = f"/{self.bucket}/{key}" if key else f"/{self.bucket}"
        signed = sorted([("host", urlsplit(self.endpoint).netloc), *headers])
        names = ";".join(name for name, _ in signed)
        items = [
            *query,
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", f"{self.access_key}/{scope}"),
            ("X-Amz-Date", now),
            ("X-Amz-Expires", "86400"),
            ("X-Amz-SignedHeaders", names),
        ]
        text = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(items))
        head = "".join(f"{name}:{value}\n" for name, value in signed)
        payload = dict(headers).get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        canonical = f"{method}\n{path}\n{text}\n{head}\n{names}\n{payload}"
        to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = ("AWS4" + self.secret_key).encode()
        for part in (now[:8], self.region, "s3", "aws4_request", to_sign):
            signature = hmac.new(signature, part.encode(), hashlib.sha256).digest()
        return f"{self.endpoint}{path}?{text}&X-Amz-Signature={signature.hex()}"

    def request(self, method, key="", query=(), body=None, headers=()):
        address = urlsplit(self.presigned(method, key, query))
        make = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = make(address.netloc, timeout=120)
        try:
            connection.request(method, f"{address.path}?{address.query}", body, dict(headers))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 300:
            raise SystemExit(f"the server answered {answer.status} to {method} {address.path}: {text}")
        return text

    def objects(self, prefix):
        """Key and size of every object below a prefix."""
        found, query = [], [("list-type", "2"), ("prefix", prefix)]
        while True:
            page = self.request("GET", query=query)
            found += [
                (key, int(size))
                for key, size in re.findall(r"<Key>(.*?)</Key>.*?<Size>(\d+)</Size>", page, re.DOTALL)
            ]
            token = re.search(r"<NextContinuationToken>(.*?)</NextContinuationToken>", page)
            if not token:
                return found
            query = [("list-type", "2"), ("prefix", prefix), ("continuation-token", token.group(1))]

    def delete(self, prefix):
        """Deletes what lies below a prefix, and lets the server give its memory back."""
        found = self.objects(prefix)
        for first in range(0, len(found), 500):
            keys = "".join(f"<Object><Key>{key}</Key></Object>" for key, _ in found[first : first + 500])
            body = f"<Delete><Quiet>true</Quiet>{keys}</Delete>".encode()
            digest = base64.b64encode(hashlib.md5(body).digest()).decode()
            answer = self.request("POST", query=[("delete", "")], body=body, headers=[("Content-MD5", digest)])
            if "<Error>" in answer:
                raise SystemExit(f"the server did not delete all: {answer}")
        if self.settle_command and any(size > 4 << 20 for _, size in found):
            subprocess.run(self.settle_command, check=True, stdout=subprocess.DEVNULL)
