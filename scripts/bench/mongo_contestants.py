"""Who is measured by `./dev bench mongo`, and the command that makes each do the same work."""

import sys
from pathlib import Path


class Contestant:
    """A program that speaks to MongoDB. `command` gives its command line for one run.

    Every act is `append CLIENTS SECONDS FILE`, `pages PLACE CLIENTS SECONDS MESSAGES CONVERSATION` or
    `encode FILE MESSAGES`; it prints as JSON how many it did, in which time, and with how much CPU.
    """

    name = ""
    variables = {}
    # Whether its allocations can be counted: Python's own come out of blocks of its own.
    is_counted = True

    def __init__(self, program):
        self.program = program

    def command(self, act, *words):
        return [*self.program, act, *map(str, words)]


class Bare(Contestant):
    """A C program on libmongoc, one thread and one libmongoc client for each client, documents as bytes: the limit."""

    name = "bare"


class BareOnce(Bare):
    """The same without libmongoc's numbers for writes that may be repeated; only when asked for."""

    name = "bare, no retries"
    variables = {"BARE_OPTIONS": "retryWrites=false"}


class Ours(Contestant):
    """This repository's log on its own driver, in a process that also hears all changes, as a server does."""

    name = "ours"

    def command(self, act, *words):
        # It makes the documents itself, and knows the conversation.
        return super().command(act, *(words[:-1] if act != "encode" else words))


class PyMongo(Contestant):
    """pymongo, one thread for each client."""

    name = "pymongo"
    is_counted = False

    def __init__(self, packages):
        super().__init__([sys.executable, "-B", Path(__file__).with_name("peer_pymongo.py")])
        self.variables = {"PYTHONPATH": packages}
