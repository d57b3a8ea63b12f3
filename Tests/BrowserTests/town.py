# People and conversations for tests in a browser, made over the HTTP interface.
import json
import os
import subprocess
import urllib.error
import urllib.request

PASSWORD = "correct horse battery"


class Town:
    """A server at a URL, and who lives there."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        self.people = {}

    def ask(self, method, path, body=None, who=None):
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if who:
            headers["Authorization"] = "Bearer " + self.people[who]["accessToken"]
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def add(self, key, name, language="en"):
        """Signs somebody up, or in where they live here already."""
        email = key + "@example.org"
        try:
            body = {"email": email, "name": name, "password": PASSWORD, "language": language}
            self.people[key] = self.ask("POST", "/api/auth/signup", body)
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
            self.sign_in(key)
        return self.id(key)

    def sign_in(self, key):
        body = {"email": key + "@example.org", "password": PASSWORD, "device": "test"}
        self.people[key] = self.ask("POST", "/api/auth/login", body)

    def id(self, key):
        return self.people[key]["user"]["id"]

    def direct(self, one, other):
        return self.ask("POST", "/api/conversations", {"kind": "direct", "members": [self.id(other)]}, one)["id"]

    def group(self, owner, title, members):
        body = {"kind": "group", "title": title, "members": [self.id(each) for each in members]}
        return self.ask("POST", "/api/conversations", body, owner)["id"]

    def flush(self):
        """Moves everything that was said into the archive, as the command line does."""
        program = os.environ["ARCHIVE_TEST_PROGRAM"]
        subprocess.run([program, "flush"], check=True, stdout=subprocess.DEVNULL, timeout=120)

    def say(self, who, conversation, text, reply_to=None):
        body = {"text": text} if reply_to is None else {"text": text, "replyTo": reply_to}
        return self.ask("POST", f"/api/conversations/{conversation}/messages", body, who)["seq"]
