"""pymongo as one contestant of `./dev bench mongo`: one thread for each client.

    peer_pymongo.py version
    peer_pymongo.py append CLIENTS SECONDS FILE               inserts the documents of FILE, one at a time
    peer_pymongo.py pages newest|older CLIENTS SECONDS MESSAGES CONVERSATION
    peer_pymongo.py encode FILE MESSAGES                      encodes and decodes what lies in FILE

Prints what it measured as JSON, one object a line.
"""

import json
import os
import sys
import threading
import time
from itertools import count
from pathlib import Path

import bson
import pymongo
from pymongo.read_concern import ReadConcern

PAGE = 50


def entries(clients):
    client = pymongo.MongoClient(
        os.environ["ARCHIVE_MONGO_URI"], w="majority", journal=True, maxPoolSize=clients, appname="peer-pymongo"
    )
    database = client[os.environ["ARCHIVE_MONGO_DATABASE"]]
    return client, database.get_collection("entries", read_concern=ReadConcern("majority"))


class Gauge:
    def __init__(self):
        self.start, self.cpu = time.monotonic(), time.process_time()

    def show(self, name, done):
        seconds, cpu = time.monotonic() - self.start, time.process_time() - self.cpu
        print(json.dumps({"name": name, "count": done, "seconds": seconds, "cpu": cpu}))


def run_clients(clients, seconds, work):
    """`work(collection, client's number, end)` in as many threads; gives how much it did."""
    client, collection = entries(clients)
    ready, go = threading.Barrier(clients + 1), threading.Barrier(clients + 1)
    done, failures = [0] * clients, []

    def run(number):
        client.admin.command("ping")
        ready.wait()
        go.wait()
        try:
            done[number] = work(collection, number, time.monotonic() + seconds)
        except pymongo.errors.PyMongoError as error:
            failures.append(error)

    threading.stack_size(256 << 10)
    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    gauge = Gauge()
    go.wait()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(str(failures[0]))
    gauge.show("", sum(done))


def append(clients, seconds, file):
    documents = bson.decode_all(Path(file).read_bytes())
    numbers = count()  # Its `next` is one step of the interpreter.

    def work(collection, _, end):
        done = 0
        while time.monotonic() < end:
            number = next(numbers)
            if number >= len(documents):
                break
            collection.insert_one(documents[number])
            done += 1
        return done

    run_clients(int(clients), float(seconds), work)


def pages(place, clients, seconds, messages, conversation):
    messages = int(messages)

    def work(collection, client, end):
        done, random = 0, client + 1
        while time.monotonic() < end:
            random = (random * 6364136223846793005 + 1442695040888963407) % (1 << 64)
            before = messages + 1 if place == "newest" else PAGE + 1 + (random >> 33) % (messages - PAGE)
            ids = {"$gte": f"{conversation}/{1:012}", "$lte": f"{conversation}/{before - 1:012}"}
            page = list(collection.find({"_id": ids}, sort=[("_id", -1)], limit=PAGE, batch_size=PAGE))
            if len(page) != PAGE:
                raise SystemExit("a page is short")
            done += 1
        return done

    run_clients(int(clients), float(seconds), work)


def encode(file, messages):
    documents = bson.decode_all(Path(file).read_bytes())[:1000]
    stored = [bson.encode(document) for document in documents]
    for name, work, items in (("encode", bson.encode, documents), ("decode", bson.decode, stored)):
        gauge, done = Gauge(), 0
        while done < int(messages):
            for item in items:
                work(item)
            done += len(items)
        gauge.show(name, done)


def version():
    client, _ = entries(1)
    server = client.server_info()["version"]
    print(f"pymongo {pymongo.version} (C: {pymongo.has_c()}), Python {sys.version.split()[0]}, mongod {server}")


{"version": version, "append": append, "pages": pages, "encode": encode}[sys.argv[1]](*sys.argv[2:])
