"""What schemathesis cannot take from /openapi.json: who asks, and what is there to be asked for.

Answers are compared with the description as the server gives it. Only for making inputs, parameters and
fields that name things get the names of things that exist, and what only makes sense alone is sent alone.
"""

import json
import os
import pathlib
import threading

import schemathesis
import world
from hypothesis import strategies

WORLD = json.loads(pathlib.Path(os.environ["EXAMINED_WORLD"]).read_text())
ROLE = os.environ["EXAMINED_ROLE"]
PEOPLE = WORLD["people"]
# Nobody's examination uses the names of a customer's things: all of them must be refused.
ME = PEOPLE.get(ROLE, PEOPLE["customer"])
EVERYBODY = [person["id"] for person in PEOPLE.values()]

# They end the session that asks: each gets a person of its own.
ENDING = {
    "POST /api/auth/logout", "POST /api/users/me/deactivation", "POST /api/users/me/password",
    "DELETE /api/users/me/sessions", "DELETE /api/users/me/sessions/{sessionId}",
}  # fmt: skip
# They change for good what they are asked for, so they are asked for things that nobody else needs.
SPENDING = {
    "DELETE /api/conversations/{id}", "DELETE /api/conversations/{id}/members/{userId}",
    "PATCH /api/admin/users/{id}", "DELETE /api/admin/users/{id}/sessions",
    "DELETE /api/files/{fileId}", "DELETE /api/uploads/{fileId}", "POST /api/uploads/{fileId}",
    "DELETE /api/files/{fileId}/links",
}  # fmt: skip
# Of these parameters a request has one at most; each role tries another.
EXCLUSIVE = ["before", "after", "cursor"]
# Lengths are limits in bytes, which JSON Schema cannot count: a text that its characters put on one side
# of a limit and its bytes on the other is neither valid nor invalid.
LIMITS = (1, 7, 8, 64, 128, 200, 254, 256, 800, 1024)


# ---- Who asks


class Newcomers:
    """Somebody new for each request that ends what it uses."""

    def __init__(self):
        self.lock = threading.Lock()
        self.count = 0

    def token(self):
        with self.lock:
            self.count += 1
            email = f"{ROLE}-{os.getpid()}-{self.count}@example.org"
        body = {"email": email, "name": "Newcomer", "password": world.PASSWORD}
        return world.ask(WORLD["address"], "POST", "/api/auth/signup", body)["accessToken"]


newcomers = Newcomers()

if ROLE in PEOPLE:

    @schemathesis.auth(refresh_interval=None)
    class Token:
        def get(self, case, context):
            return newcomers.token() if case.operation.label in ENDING else ME["token"]

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"


# ---- What is asked for


def identifiers(label, path, name):
    """The values of a parameter in the path, or `None` for what schemathesis makes up itself."""
    if name == "seq":
        return [1, 2, 3, 4]
    if name == "firstSeq":
        return [1, 2]
    if name == "userId":
        return [ME["contact"]] if label in SPENDING else EVERYBODY
    if name == "fileId":
        kind = "File" if path.startswith("/api/files/") else "Upload"
        return [ME[f"spare{kind}" if label in SPENDING else kind.lower()]]
    if name == "token":
        return [ME["link"]["token"]]
    if path == "/api/links/{id}":
        return [ME["spareLink"]["id"]]
    if name != "id":
        return None
    if path.startswith(("/api/conversations/", "/chats/", "/messages/", "/api/admin/archives/")):
        return ME["spare"] if label in SPENDING else ME["conversations"]
    if path.startswith(("/api/users/", "/api/admin/users/", "/users/")):
        return [ME["newcomer"]] if label in SPENDING else EVERYBODY
    return None


def next_cursor(path):
    """A cursor of that list, if it has a second page."""
    filled = path.replace("{id}", ME["conversations"][0])
    try:
        return world.ask(WORLD["address"], "GET", f"{filled}?limit=1", token=ME["token"]).get("next")
    except world.Refused:
        # A search, whose cursors belong to what is searched; or a list that this role may not see.
        return None


def next_cursor_or_none(path, names):
    """Cursors of a search belong to what is searched for, which is another thing in each request."""
    return None if "query" in names else next_cursor(path)


def narrowed(parameter, label, path, names):
    """The parameter with values that exist; `None` where there are none."""
    name = parameter["name"]
    if name in EXCLUSIVE and set(EXCLUSIVE) <= names:
        kept = EXCLUSIVE[list(world.ROLES).index(ROLE) % 3] if ROLE in PEOPLE else EXCLUSIVE[0]
        if name != kept:
            return None
    if parameter["in"] == "path":
        values = identifiers(label, path, name)
    elif name == "cursor":
        values = [next_cursor_or_none(path, names)]
        if values == [None]:
            return None
    elif name in ("from", "before") and "pattern" in parameter["schema"]:
        values = ["2026-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"]
    else:
        values = None
    return parameter if values is None else parameter | {"schema": {"enum": values}}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    components = raw_schema["components"]
    for path, methods in raw_schema["paths"].items():
        for method, operation in methods.items():
            label = f"{method.upper()} {path}"
            references = [item["$ref"].rsplit("/", 1)[1] for item in operation.get("parameters", [])]
            parameters = [components["parameters"][name] for name in references]
            names = {parameter["name"] for parameter in parameters}
            kept = [narrowed(parameter, label, path, names) for parameter in parameters]
            operation["parameters"] = [parameter for parameter in kept if parameter]
    name_existing_things(components["schemas"])


def fields_of(schema, name):
    """The field's schema wherever the schema has one, also in parts of it."""
    if isinstance(schema, dict):
        field = schema.get("properties", {}).get(name)
        if field:
            yield field
        for word in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(word, []):
                yield from fields_of(part, name)


def takes_null(field):
    return "null" in field.get("type", []) or any(takes_null(part) for part in field.get("anyOf", []))


def name_existing_things(schemas):
    def put(values, schema, name):
        """The field takes one of the values, or null if it took that before."""
        for field in fields_of(schemas.get(schema, {}), name):
            arrays = [part for part in (field, *field.get("anyOf", [])) if part.get("type") == "array"]
            for array in arrays:
                array["items"] = {"enum": values}
            if not arrays:
                values_or_null = values + ([None] if takes_null(field) else [])
                field.clear()
                field["enum"] = values_or_null

    put([ME["contact"]], "NewConversation", "members")
    put([1, 2, 3, 4], "NewMessage", "replyTo")
    put([ME["file"]], "NewMessage", "files")
    put([ME["file"]], "Edit", "files")
    put([ME["file"]], "FileList", "files")
    put([ME["picture"]], "Profile", "avatarFileId")
    put(ME["conversations"], "NewChatMessage", "chatId")
    put(ME["conversations"], "NewVerification", "conversationId")
    put([PEOPLE["agent"]["id"], PEOPLE["admin"]["id"]], "HandOver", "userId")
    # What has rules that no schema can say.
    put(["+49 30 123456", "5551234"], "Profile", "phone")
    put(["1990-05-17", "2004-02-29"], "Profile", "birthDate")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Passes over what is no fault: chains of requests answer messages in conversations that do not have them."""
    is_acceptance = failure.code == "ST202"
    if is_acceptance and "is not a message of this conversation" in response.text:
        return False
    # Header fields that a server does not know it passes over (RFC 9110, 5.1).
    is_unknown_header = "in header - object with unexpected properties" in failure.message
    # Which fields count depends on the method that one of them names: HEAD does not look at an offset.
    names_method = case.operation.label == "POST /api/uploads/{fileId}"
    return not (failure.code == "ST201" and (is_unknown_header or names_method))


# ---- Texts


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def is_clear(text):
    characters, size = len(text), len(text.encode("utf-8", "surrogatepass"))
    return all((characters <= limit) == (size <= limit) for limit in LIMITS)


@schemathesis.hook
def filter_body(context, body):
    return all(is_clear(text) for text in texts(body))


@schemathesis.hook
def filter_query(context, query):
    # What is looked for needs something besides punctuation.
    wanted = (query or {}).get("query", "x")
    has_word = not isinstance(wanted, str) or not wanted or any(one.isalnum() for one in wanted)
    return has_word and all(is_clear(text) for text in texts(query))


@schemathesis.hook
def map_body(context, body):
    """Most random names mix alphabets, which is refused."""
    name = body.get("name") if isinstance(body, dict) else None
    if isinstance(name, str) and 1 <= len(name) <= 64:
        body["name"] = "Анна Смирнова" if len(name) % 2 else "Ann-Marie O’Neill"
    return body


@schemathesis.serializer("application/offset+octet-stream")
def piece_of_an_upload(context, value):
    # Whatever it makes up in place of a text is bytes all the same.
    return value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()


# Addresses that look like what they are; whether mail arrives there only a mail can tell.
schemathesis.openapi.format(
    "email", strategies.from_regex(r"[a-z0-9][a-z0-9._+-]{0,20}@[a-z0-9]{1,10}\.example", fullmatch=True)
)
