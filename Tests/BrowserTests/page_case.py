"""What all tests of the web page share.

They want a server at ARCHIVE_TEST_PAGE_URL whose customers may meet and whose limits are off, with nobody in it but an
admin admin@example.org. `./dev browser` starts one.
"""

import os
import unittest
import uuid

from browser import Visitor, chromium
from town import Town

URL = os.environ.get("ARCHIVE_TEST_PAGE_URL", "http://127.0.0.1:8080")
PICTURES = os.environ.get("ARCHIVE_TEST_PICTURES")


class PageTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.held = chromium()
        cls.browser = cls.held.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.held.__exit__(None, None, None)

    def setUp(self):
        self.town = Town(URL)
        self.mark = uuid.uuid4().hex[:8]
        self.visitors = []

    def tearDown(self):
        for visitor in self.visitors:
            complaints = [each for each in visitor.complaints if not any(word in each for word in self.expected)]
            self.assertEqual(complaints, [], "the console complains")
            self.assertEqual(visitor.strangers(), [], "requests to elsewhere")
            visitor.context.close()

    # What the console may say where the network is taken away.
    expected = ()

    def person(self, name):
        key = f"{name.split()[0].lower()}-{self.mark}"
        self.town.add(key, name)
        return key

    def visit(self, key, path="", **how):
        visitor = Visitor(self.browser, URL, **how)
        self.visitors.append(visitor)
        visitor.visit(path).sign_in(f"{key}@example.org")
        return visitor

    def two(self):
        ada, ben = self.person("Ada Lovelace"), self.person("Ben Kiosk")
        return ada, ben, self.town.direct(ada, ben)

    def text(self, visitor, words, page=None):
        return (page or visitor.page).locator(".message", has_text=words)

    def texts(self, visitor):
        return visitor.page.locator(".message .text").all_inner_texts()
