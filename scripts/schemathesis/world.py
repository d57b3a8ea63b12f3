"""Fills a fresh server with people of every role who talk, so that examinations meet more than 404."""

import json
import subprocess
import urllib.error
import urllib.request

ROLES = ["admin", "agent", "customer", "designer", "merchant", "supplier"]
PASSWORD = "correct horse battery"


class Refused(Exception):
    """The server answered something else than was wanted."""


def ask(address, method, path, body=None, token=None):
    """The answer's JSON, or `None` where it has no body."""
    request = urllib.request.Request(address + path, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise Refused(f"{method} {path}: {error.code} {error.read().decode()}") from error
    return json.loads(text) if text else None


def send(address, method, path, token, body, **fields):
    """Sends bytes with header fields; the answer's fields and JSON."""
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(address + path, method=method, data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
        return answer.headers, json.loads(text) if text else None


# Of one pixel.
PICTURE = bytes.fromhex("47494638396101000100800000ffffff0000002c00000000010001000002024401003b")


def upload(address, token, name, content=b"hello"):
    """A file; its id."""
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    fields = {"Content_Type": "multipart/form-data; boundary=x"}
    body = head.encode() + content + b"\r\n--x--\r\n"
    return send(address, "POST", "/api/files", token, body, **fields)[1]["id"]


def begin_upload(address, token):
    """A resumable upload that waits for its bytes; its id."""
    fields, _ = send(address, "POST", "/api/uploads", token, b"", Tus_Resumable="1.0.0", Upload_Length="1000")
    return fields["Location"].rsplit("/", 1)[1]


def link(address, token, file):
    """A link to a file for somebody outside; its id and its secret."""
    made = ask(address, "POST", f"/api/files/{file}/links", {}, token)
    return {"id": made["id"], "token": made["token"]}


def sign_in(address, email):
    return ask(address, "POST", "/api/auth/login", {"email": email, "password": PASSWORD})


def create_user(command, environment, folder, role):
    subprocess.run(
        [*command, "--email", f"{role}@example.org", "--name", f"The {role}", "--role", role, "--password-stdin"],
        input=f"{PASSWORD}\n".encode(), env=environment, cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


def build(address, command, environment, folder):
    """Makes everything and writes down what is where: `world.json`."""
    people = {}
    for role in ROLES:
        create_user(command, environment, folder, role)
        signed_in = sign_in(address, f"{role}@example.org")
        people[role] = {
            "id": signed_in["user"]["id"], "email": f"{role}@example.org", "token": signed_in["accessToken"],
        }  # fmt: skip
    for role, person in people.items():
        person |= conversations(address, role, people)
    (folder / "world.json").write_text(json.dumps({"address": address, "people": people}))


def conversations(address, role, people):
    """What this person has: conversations with messages, and things that may be spent."""
    token = people[role]["token"]
    contact = people["admin" if role == "agent" else "agent"]["id"]

    def converse(body):
        return ask(address, "POST", "/api/conversations", body, token)["id"]

    group = converse({"kind": "group", "members": [contact], "title": f"What the {role} asks"})
    direct = converse({"kind": "direct", "members": [contact]})
    for conversation in (group, direct):
        for number in range(4):
            message = {"text": f"Message {number}"}
            ask(address, "POST", f"/api/conversations/{conversation}/messages", message, token)
    file = upload(address, token, "kept.txt")
    ask(address, "POST", f"/api/conversations/{group}/messages", {"files": [file]}, token)
    newcomer = ask(
        address, "POST", "/api/auth/signup",
        {"email": f"newcomer-of-{role}@example.org", "name": "Newcomer", "password": PASSWORD},
    )  # fmt: skip
    return {
        "conversations": [group, direct],
        "spare": [converse({"kind": "group", "members": [contact], "title": f"Spare {number}"}) for number in range(3)],
        "contact": contact,
        "file": file,
        "picture": upload(address, token, "face.gif", PICTURE),
        "link": link(address, token, file),
        "spareLink": link(address, token, file),
        "spareFile": upload(address, token, "spare.txt"),
        "upload": begin_upload(address, token),
        "spareUpload": begin_upload(address, token),
        "newcomer": newcomer["user"]["id"],
    }
