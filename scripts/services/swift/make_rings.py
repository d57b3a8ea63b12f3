"""Makes Swift's three rings, each of one device in one copy: make_rings.py FOLDER PORT.

One Python process in place of nine runs of swift-ring-builder.
"""

import os
import sys

from swift.common.ring import RingBuilder

folder, port = sys.argv[1], int(sys.argv[2])

# Swift keeps its metadata in extended attributes of the files.
try:
    os.setxattr(folder, "user.swift.test", b"x")
except OSError as error:
    sys.exit(f"the file system of {folder} has no extended attributes: {error}")

for number, name in enumerate(("account", "container", "object"), 1):
    builder = RingBuilder(1, 1, 0)
    address = {"ip": "127.0.0.1", "port": port + number}
    builder.add_dev(
        {
            **address,
            "replication_ip": address["ip"],
            "replication_port": address["port"],
            "region": 1,
            "zone": 1,
            "device": "d1",
            "weight": 1.0,
            "meta": "",
        }
    )
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{name}.ring.gz")
