"""Files in the web page: chosen, dropped, pasted, taken back, seen and saved by others."""

import struct
import unittest
import zlib

from page_case import PageTest


def png(width, height, colour):
    """A picture of one colour, so that no file has to lie beside the tests."""
    def part(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


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
