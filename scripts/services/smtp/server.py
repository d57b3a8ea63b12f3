"""An SMTP server for tests: accepts mail and writes each message into a folder.

    server.py FOLDER PORT [--tls CERTIFICATE KEY] [--auth USER PASSWORD] [--max-size BYTES]

PORT      in the clear; signing in is possible and not demanded
PORT + 1  demands STARTTLS and signing in          (with --tls)
PORT + 2  TLS from the first byte, demands signing in (with --tls)
PORT + 3  in the clear, demands AUTH LOGIN         (with --auth)

Message N becomes FOLDER/00000N.eml, exactly as received (CRLF line ends, dots unstuffed), and FOLDER/00000N.json
with its envelope. Both are there before the client is told that the message was accepted.

Some local parts of the recipient are answered in other ways:
    reject  550 5.1.1 after RCPT     relay  550 5.7.1 after RCPT     later  451 after RCPT
    spam    554 after DATA           full   452 after DATA           slow   accepted 2 seconds after DATA
    hang    no answer to DATA, but a file RECIPIENT.hangs
    drop    the connection ends in place of an answer to DATA
What follows a `+` does not matter: reject+1@example.org is reject@example.org.
"""

import argparse
import asyncio
import json
import os
import ssl

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("port", type=int)
parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
parser.add_argument("--auth", nargs=2, metavar=("USER", "PASSWORD"))
parser.add_argument("--max-size", type=int, default=32 << 20)
arguments = parser.parse_args()

RECIPIENTS = {
    "reject": "550 5.1.1 no such user",
    "relay": "550 5.7.1 relaying denied",
    "later": "451 4.3.0 try again later",
}
MESSAGES = {"spam": "554 5.7.1 message refused", "full": "452 4.2.2 mailbox full"}


def order(address):
    return address.partition("@")[0].partition("+")[0]


class Store:
    """Keeps what comes through one door."""

    number = max((int(n[:6]) for n in os.listdir(arguments.folder) if n.endswith(".eml")), default=0)

    def __init__(self, door):
        self.door = door

    async def handle_RCPT(self, server, session, envelope, address, options):
        if order(address) in RECIPIENTS:
            return RECIPIENTS[order(address)]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(self, server, session, envelope):
        orders = {order(address) for address in envelope.rcpt_tos}
        for word in orders & set(MESSAGES):
            return MESSAGES[word]
        if "slow" in orders:
            await asyncio.sleep(2)
        if "hang" in orders:
            write(f"{arguments.folder}/{envelope.rcpt_tos[0]}.hangs", b"")
            await asyncio.sleep(3600)
        Store.number += 1
        path = f"{arguments.folder}/{Store.number:06d}"
        about = {
            "door": self.door,
            "helo": session.host_name,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "options": envelope.mail_options,
            "user": session.auth_data,
            "tls": session.ssl is not None or self.door == "tls",
        }
        write(path + ".json", json.dumps(about, ensure_ascii=False, indent=1).encode())
        write(path + ".eml", envelope.original_content)
        if "drop" in orders:
            server.transport.abort()
        return f"250 2.0.0 stored as {Store.number}"


def write(path, data):
    with open(path + ".tmp", "wb") as file:
        file.write(data)
    os.rename(path + ".tmp", path)  # Whoever looks into the folder sees whole files.


def authenticate(server, session, envelope, mechanism, data):
    if isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == arguments.auth:
        return AuthResult(success=True, auth_data=data.login.decode())
    return AuthResult(success=False, handled=False)


def protocol(door, **options):
    def make():
        return SMTP(
            Store(door),
            hostname="localhost",
            enable_SMTPUTF8=True,
            data_size_limit=arguments.max_size,
            authenticator=authenticate if arguments.auth else None,
            **options,
        )

    return make


async def main():
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(protocol("plain", auth_require_tls=False), "127.0.0.1", arguments.port)]
    if arguments.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*arguments.tls)
        demanding = protocol(
            "starttls", tls_context=context, require_starttls=True, auth_required=bool(arguments.auth)
        )
        servers.append(await loop.create_server(demanding, "127.0.0.1", arguments.port + 1))
        encrypted = protocol("tls", auth_required=bool(arguments.auth), auth_require_tls=False)
        servers.append(await loop.create_server(encrypted, "127.0.0.1", arguments.port + 2, ssl=context))
    if arguments.auth:
        login = protocol(
            "login", auth_required=True, auth_require_tls=False, auth_exclude_mechanism=["PLAIN"]
        )
        servers.append(await loop.create_server(login, "127.0.0.1", arguments.port + 3))
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())
