# A real Chromium with several people in it, and what everyone's console said.
import os
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

from town import PASSWORD

CHROMIUM = os.environ.get("ARCHIVE_TEST_CHROMIUM", "/usr/bin/chromium")
WIDTHS = {"phone": (390, 844), "tablet": (820, 1180), "wide": (1440, 900)}


class Visitor:
    """One browser context: a device of its own, with its own storage."""

    def __init__(self, browser, url, size="wide", theme="light", language="en", **more):
        width, height = WIDTHS[size]
        self.url = url
        self.theme = theme
        self.complaints = []
        self.requests = set()
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme,
            locale={"en": "en-GB", "ru": "ru-RU"}[language], **more)
        self.context.set_default_timeout(8000)
        self.page = self.tab()

    def tab(self):
        page = self.context.new_page()
        page.on("console", lambda message: self.note(message))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", lambda request: self.requests.add(request.url))
        return page

    def note(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def visit(self, path="", page=None):
        (page or self.page).goto(self.url + "/" + path)
        return self

    def sign_in(self, email, page=None):
        page = page or self.page
        page.locator("input[name=email]").fill(email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("form button[type=submit]").click()
        page.locator(".app").wait_for()
        return self

    def say(self, text, page=None):
        page = page or self.page
        page.locator(".composer textarea").fill(text)
        page.locator(".composer textarea").press("Enter")

    def strangers(self):
        """Requests to anywhere else."""
        return [each for each in self.requests if not each.startswith((self.url, "blob:", "data:", self.url.replace("http", "ws")))]


@contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()
