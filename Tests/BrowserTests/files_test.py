"""Files in the web page: chosen, dropped, pasted, taken back, seen and saved by others."""

import random
import struct
import unittest
import zlib

from page_case import PageTest


def part(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, colour):
    """A picture of one colour, so that no file has to lie beside the tests."""
    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def noise(width, height):
    """A picture that does not compress."""
    draw = random.Random(7)
    rows = b"".join(b"\0" + draw.randbytes(3 * width) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows, 0)) + part(b"IEND", b"")


PICTURE = {"name": "label.png", "mimeType": "image/png", "buffer": png(640, 400, (30, 120, 90))}
NOTES = {"name": "notes & more.txt", "mimeType": "text/plain", "buffer": b"twelve staplers\n" * 100}

# As if files were dragged from the desktop.
DROP = r"""
([name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(bytes)], name, { type }));
  const target = document.querySelector('.conversation');
  for (const kind of ['dragenter', 'dragover', 'drop']) {
    target.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}
"""
PASTE = r"""
([name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(bytes)], name, { type }));
  document.querySelector('.composer textarea').dispatchEvent(
    new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}
"""


def handed(file):
    return [file["name"], file["mimeType"], list(file["buffer"])]


class Files(PageTest):
    def open_both(self):
        ada, ben, chat = self.two()
        return self.visit(ada, f"#/c/{chat}"), self.visit(ben, f"#/c/{chat}")

    def choose(self, visitor, *files):
        visitor.page.locator(".composer input[type=file]").set_input_files(list(files))

    def until(self, visitor, claim):
        """Playwright's own way would need `eval`, which the page's policy forbids."""
        for _ in range(200):
            if visitor.page.evaluate(claim):
                return
            visitor.page.wait_for_timeout(20)
        self.fail("never: " + claim)

    def ready(self, visitor, count):
        visitor.page.locator(".upload.done").nth(count - 1).wait_for()

    def test_A4_a_picture_and_a_document_are_sent(self):
        one, other = self.open_both()
        self.choose(one, PICTURE, NOTES)
        self.ready(one, 2)
        one.say("The label, and my notes")
        message = self.text(other, "The label")
        message.locator(".picture img").wait_for()
        self.until(other, "document.querySelector('.picture img')?.naturalWidth > 0")
        shape = message.locator(".picture").bounding_box()
        self.assertAlmostEqual(shape["width"] / shape["height"], 1.6, delta=0.05)
        with other.page.expect_download() as download:
            message.locator(".file").click()
        self.assertEqual(download.value.suggested_filename, NOTES["name"])
        with open(download.value.path(), "rb") as file:
            self.assertEqual(file.read(), NOTES["buffer"])
        message.locator(".picture").click()
        other.page.locator(".viewer img").wait_for()
        other.page.keyboard.press("Escape")
        # The same after a reload, from history.
        other.page.reload()
        self.text(other, "The label").locator(".picture img").wait_for()

    def test_E2_the_viewer_goes_from_picture_to_picture(self):
        one, other = self.open_both()
        names = ["one.png", "two.png", "three.png"]
        self.choose(one, *[{**PICTURE, "name": name} for name in names])
        self.ready(one, 3)
        one.say("three of them")
        message = self.text(other, "three of them")
        message.locator(".picture img").nth(2).wait_for()
        message.locator(".picture").nth(0).click()
        viewer = other.page.locator(".viewer")
        viewer.get_by_role("heading", name="one.png").wait_for()
        self.until(other, "document.querySelector('.viewer img')?.naturalWidth > 0")
        other.page.keyboard.press("ArrowRight")
        viewer.get_by_role("heading", name="two.png").wait_for()
        viewer.get_by_role("button", name="Next").click()
        viewer.get_by_role("heading", name="three.png").wait_for()
        with other.page.expect_download() as download:
            viewer.get_by_role("button", name="Save this picture").click()
        self.assertEqual(download.value.suggested_filename, "three.png")
        other.page.keyboard.press("Escape")
        viewer.wait_for(state="detached")

    def test_E2_without_small_pictures(self):
        """As on a server without vipsthumbnail: small originals are shown, of others there is a sign and the name."""
        ada, ben, chat = self.two()
        one = self.visit(ada, f"#/c/{chat}")
        other = self.visit(ben)

        def without_small(route):
            answer = route.fetch()
            items = [{key: value for key, value in item.items() if key in ("id", "url", "expiresAt")}
                     for item in answer.json()["items"]]
            route.fulfill(response=answer, json={"items": items, "next": None})

        other.page.route("**/api/files/links", without_small)
        other.page.goto(other.url + f"/#/c/{chat}")
        large = {"name": "large.png", "mimeType": "image/png", "buffer": noise(1200, 900)}
        self.assertGreater(len(large["buffer"]), 2_000_000)
        self.choose(one, PICTURE, large)
        self.ready(one, 2)
        one.say("both")
        message = self.text(other, "both")
        self.until(other, "document.querySelector('.picture img')?.naturalWidth > 0")
        message.locator(".no-picture", has_text="large.png").wait_for()
        message.locator(".picture", has_text="large.png").click()
        self.until(other, "document.querySelector('.viewer img')?.naturalWidth > 0")

    def test_A5_who_is_removed_has_lost_the_files(self):
        self.expected = ("status of 404", "status of 410")
        ada, ben = self.person("Ada Lovelace"), self.person("Ben Kiosk")
        group = self.town.group(ada, "Papers", [ben])
        one, other = self.visit(ada, f"#/c/{group}"), self.visit(ben, f"#/c/{group}")
        self.choose(one, PICTURE)
        self.ready(one, 1)
        one.say("a secret label")
        self.until(other, "document.querySelector('.picture img')?.naturalWidth > 0")
        address = other.page.locator(".picture img").get_attribute("src")
        look = "async (address) => (await fetch(address, { cache: 'no-store' })).status"
        self.assertEqual(other.page.evaluate(look, address), 200)
        self.town.ask("DELETE", f"/api/conversations/{group}/members/{self.town.id(ben)}", None, ada)
        other.page.get_by_text("This chat is not there any more.").wait_for()
        self.assertIn(other.page.evaluate(look, address), (404, 410))

    def test_A5_a_file_that_is_gone_says_so(self):
        one, other = self.open_both()
        self.choose(one, PICTURE, NOTES)
        self.ready(one, 2)
        one.say("soon gone")
        self.text(other, "soon gone").locator(".picture img").wait_for()
        other.page.route("**/api/files/links", lambda route: route.fulfill(json={"items": [], "next": None}))
        other.page.reload()
        self.text(other, "soon gone").locator(".no-picture", has_text="not there for you").wait_for()
        self.text(other, "soon gone").locator(".file").click()
        other.page.locator(".notice", has_text="not there for you").wait_for()

    def test_E1_an_upload_is_called_off(self):
        one, other = self.open_both()
        held = []
        one.page.route("**/api/files", lambda route: held.append(route))
        self.choose(one, NOTES)
        one.page.locator(".upload.sending progress").wait_for()
        self.assertTrue(one.page.get_by_role("button", name="Send", exact=True).is_disabled())
        one.page.get_by_role("button", name="Take out notes & more.txt").click()
        one.page.locator(".upload").wait_for(state="detached")
        self.assertEqual(len(held), 1)
        one.say("without it")
        self.assertEqual(self.text(other, "without it").locator(".file").count(), 0)

    def test_A4_dropped_and_pasted(self):
        one, other = self.open_both()
        one.page.evaluate(DROP, handed(PICTURE))
        self.ready(one, 1)
        one.page.evaluate(PASTE, handed(NOTES))
        self.ready(one, 2)
        one.page.get_by_role("button", name="Send", exact=True).click()
        other.page.locator(".message .file", has_text=NOTES["name"]).wait_for()
        other.page.locator(".message .picture img").wait_for()

    def test_E1_what_is_taken_back_is_not_sent(self):
        one, other = self.open_both()
        self.choose(one, PICTURE, NOTES)
        self.ready(one, 2)
        one.page.get_by_role("button", name="Take out label.png").click()
        one.say("Only the notes")
        self.text(other, "Only the notes").locator(".file").wait_for()
        self.assertEqual(self.text(other, "Only the notes").locator(".picture").count(), 0)

    def test_E1_a_large_file_goes_in_pieces_and_over_a_gap(self):
        self.expected = ("Failed to load resource", "WebSocket connection", "ERR_INTERNET_DISCONNECTED")
        one, other = self.open_both()
        large = {"name": "large.bin", "mimeType": "application/octet-stream", "buffer": bytes(range(256)) * (80 << 10)}
        self.choose(one, large)
        self.until(one, "document.querySelector('.upload progress')?.value > 0.2")
        one.context.set_offline(True)
        one.page.wait_for_timeout(1500)
        one.context.set_offline(False)
        one.page.locator(".upload.done").wait_for(timeout=60000)
        one.say("here it is")
        with other.page.expect_download() as download:
            self.text(other, "here it is").locator(".file").click()
        with open(download.value.path(), "rb") as file:
            self.assertEqual(file.read(), large["buffer"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
