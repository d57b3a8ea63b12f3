"""Sends one command to MongoDB servers, with nothing but Python's standard library.

    command.py [--ca FILE] [--login NAME:PASSWORD] [--timeout SECONDS] PORT[,PORT...] JSON

The command, a JSON object whose first key is its name, goes to the database "admin" of each server
on 127.0.0.1, and each reply is printed as one line of JSON, `null` for a server that did not
answer. The exit code is 0 if all replies say ok: 1, 2 if one says ok: 0, 3 if one did not answer.

It knows just the BSON types that such commands and their replies need.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import socket
import ssl
import struct
import sys

OP_MSG = 2013


def encode(document):
    """A dict as a BSON document."""
    out = b""
    for name, value in document.items():
        kind, content = encode_value(name, value)
        out += kind + name.encode() + b"\0" + content
    return struct.pack("<i", len(out) + 5) + out + b"\0"


def encode_value(name, value):
    if isinstance(value, bool):  # Before int, as every bool is an int.
        return b"\x08", b"\1" if value else b"\0"
    if isinstance(value, int) and -(2**31) <= value < 2**31:
        return b"\x10", struct.pack("<i", value)
    if isinstance(value, int):
        return b"\x12", struct.pack("<q", value)
    if isinstance(value, float):
        return b"\x01", struct.pack("<d", value)
    if isinstance(value, str):
        text = value.encode() + b"\0"
        return b"\x02", struct.pack("<i", len(text)) + text
    if isinstance(value, bytes):
        return b"\x05", struct.pack("<iB", len(value), 0) + value
    if isinstance(value, dict):
        return b"\x03", encode(value)
    if isinstance(value, list):
        return b"\x04", encode({str(index): item for index, item in enumerate(value)})
    if value is None:
        return b"\x0a", b""
    raise TypeError(f"{name}: {type(value)}")


def decode(data, at=0):
    """The BSON document that starts at data[at], as a dict."""
    end = at + struct.unpack_from("<i", data, at)[0] - 1
    at += 4
    document = {}
    while at < end:
        kind = data[at]
        stop = data.index(b"\0", at + 1)
        name = data[at + 1 : stop].decode()
        document[name], length = decode_value(kind, name, data, stop + 1)
        at = stop + 1 + length
    return document


def decode_value(kind, name, data, at):
    """The value at data[at], and how many bytes it takes."""
    if kind == 0x01:
        return struct.unpack_from("<d", data, at)[0], 8
    if kind == 0x02:
        length = struct.unpack_from("<i", data, at)[0]
        return data[at + 4 : at + 3 + length].decode(), 4 + length
    if kind in (0x03, 0x04):
        inner = decode(data, at)
        length = struct.unpack_from("<i", data, at)[0]
        return list(inner.values()) if kind == 0x04 else inner, length
    if kind == 0x05:
        length = struct.unpack_from("<i", data, at)[0]
        return data[at + 5 : at + 5 + length], 5 + length
    if kind == 0x07:
        return data[at : at + 12], 12
    if kind == 0x08:
        return data[at] != 0, 1
    if kind == 0x0A:
        return None, 0
    if kind == 0x10:
        return struct.unpack_from("<i", data, at)[0], 4
    if kind in (0x09, 0x11, 0x12):  # Time, timestamp, int64.
        return struct.unpack_from("<q", data, at)[0], 8
    raise ValueError(f"BSON type {kind:#x} of {name!r}")


class Connection:
    """One connection; commands go one after the other."""

    def __init__(self, port, ca, timeout):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        if ca:
            context = ssl.create_default_context(cafile=ca)
            self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")

    def close(self):
        self.socket.close()

    def run(self, document):
        # Flags, then a section of kind 0; before them length, request id, response to, op code.
        body = struct.pack("<iB", 0, 0) + encode({**document, "$db": "admin"})
        self.socket.sendall(struct.pack("<iiii", len(body) + 16, 1, 0, OP_MSG) + body)
        length = struct.unpack("<i", self.receive(4))[0]
        return decode(self.receive(length - 4), 17)

    def receive(self, count):
        data = b""
        while len(data) < count:
            chunk = self.socket.recv(count - len(data))
            if not chunk:
                raise ConnectionError("the server closed the connection")
            data += chunk
        return data

    def log_in(self, name, password):
        """SCRAM-SHA-256 (RFC 5802, RFC 7677)."""

        def keyed(key, text):
            return hmac.digest(key, text, "sha256")

        first = f"n={name},r={base64.b64encode(os.urandom(24)).decode()}"
        reply = self.run_or_exit(
            {
                "saslStart": 1,
                "mechanism": "SCRAM-SHA-256",
                "payload": f"n,,{first}".encode(),
                "options": {"skipEmptyExchange": True},
            }
        )
        challenge = reply["payload"].decode()
        fields = dict(field.split("=", 1) for field in challenge.split(","))
        salt, rounds = base64.b64decode(fields["s"]), int(fields["i"])
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
        last = f"c=biws,r={fields['r']}"
        signed = f"{first},{challenge},{last}".encode()
        client_key = keyed(salted, b"Client Key")
        signature = keyed(hashlib.sha256(client_key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        reply = self.run_or_exit(
            {
                "saslContinue": 1,
                "conversationId": reply["conversationId"],
                "payload": f"{last},p={base64.b64encode(proof).decode()}".encode(),
            }
        )
        expected = base64.b64encode(keyed(keyed(salted, b"Server Key"), signed))
        if reply["payload"] != b"v=" + expected:
            sys.exit("the server does not know the password either")

    def run_or_exit(self, document):
        reply = self.run(document)
        if not reply.get("ok"):
            print(json.dumps(reply, default=bytes.hex, ensure_ascii=False))
            sys.exit(2)
        return reply


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ca")
    parser.add_argument("--login", type=lambda text: text.split(":", 1))
    parser.add_argument("--timeout", type=float, default=30)
    parser.add_argument("ports", type=lambda text: [int(port) for port in text.split(",")])
    parser.add_argument("command", type=json.loads)
    arguments = parser.parse_args()
    code = 0
    for port in arguments.ports:
        reply = None
        try:
            connection = Connection(port, arguments.ca, arguments.timeout)
            if arguments.login:
                connection.log_in(*arguments.login)
            reply = connection.run(arguments.command)
            connection.close()
        except OSError as error:
            print(f"no answer on port {port}: {error}", file=sys.stderr)
            code = 3
        print(json.dumps(reply, default=bytes.hex, ensure_ascii=False))
        if reply and not reply.get("ok"):
            code = code or 2
    sys.exit(code)


main()
