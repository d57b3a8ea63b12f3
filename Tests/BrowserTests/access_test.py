"""Every screen for those who see little, hear it read, or use keys alone."""

import unittest

import accessibility
from browser import Visitor
from page_case import PICTURES, URL, PageTest


class Access(PageTest):
    """Names, contrast and focus of each screen, at three widths, in both colours; and its picture."""

    def examine(self, visitor, name):
        visitor.page.wait_for_timeout(300)
        size = f"{visitor.page.viewport_size['width']}-{visitor.theme}"
        if PICTURES:
            visitor.page.screenshot(path=f"{PICTURES}/{name}-{size}.png")
        return [f"{name} {size}: {each}" for each in accessibility.faults(visitor.page)]

    def screens(self):
        for size in ("phone", "tablet", "wide"):
            for theme in ("light", "dark"):
                yield size, theme

    def test_I1_chats_and_settings(self):
        ada, ben, chat = self.two()
        carla = self.person("Carla Nobel")
        for number in range(3):
            self.town.say(ben, chat, f"Question {number}, and https://example.org/a")
            self.town.say(ada, chat, f"Answer {number}", reply_to=1)
        group = self.town.group(ada, "Summer catalogue", [ben, carla])
        for number in range(20):
            self.town.say([ada, ben, carla][number % 3], group, f"Page {number} is done.")
        found = []
        for size, theme in self.screens():
            visitor = self.visit(ada, size=size, theme=theme)
            page = visitor.page
            for name, path, sign in (
                ("list", "#/", ".row"), ("direct", f"#/c/{chat}", ".message"), ("group", f"#/c/{group}", ".message"),
                ("settings", "#/settings", ".boxed li"),
            ):
                visitor.visit(path).page.locator(sign).first.wait_for()
                found += self.examine(visitor, name)
            visitor.visit(f"#/c/{group}").page.get_by_role("button", name="Details").click()
            page.locator(".side .boxed li").first.wait_for()
            found += self.examine(visitor, "details")
            visitor.visit("#/").page.get_by_role("button", name="New chat").first.click()
            page.get_by_role("dialog").get_by_role("searchbox").fill("Carla")
            page.locator("button.person").first.wait_for()
            found += self.examine(visitor, "new")
            visitor.context.close()
        self.assertEqual(found, [])

    def test_I1_the_door_and_the_console_in_russian(self):
        ada, ben, chat = self.two()
        self.town.say(ada, chat, "To be archived")
        self.town.flush()
        self.town.sign_in("admin")
        self.town.ask("PATCH", "/api/users/me", {"language": "ru"}, "admin")
        self.addCleanup(self.town.ask, "PATCH", "/api/users/me", {"language": "en"}, "admin")
        found = []
        for size, theme in self.screens():
            visitor = Visitor(self.browser, URL, size=size, theme=theme, language="ru")
            visitor.visit().page.get_by_role("heading", name="Вход").wait_for()
            found += self.examine(visitor, "door")
            visitor.sign_in("admin@example.org").page.get_by_text("Выберите чат").or_(
                visitor.page.locator(".list-pane h1", has_text="Чаты")).first.wait_for()
            for name, sign in (("users", "tbody tr"), ("archives", "tbody tr"), ("audit", "tbody tr"), ("health", ".boxed li")):
                visitor.visit(f"#/admin/{name}").page.locator(sign).first.wait_for()
                found += self.examine(visitor, name)
            visitor.visit(f"#/admin/archives/{chat}").page.locator("tbody tr").first.wait_for()
            visitor.page.locator(".facts").wait_for()
            found += self.examine(visitor, "archive")
            self.assertEqual(visitor.complaints, [])
            visitor.context.close()
        self.assertEqual(found, [])

    def test_I1_by_keyboard_alone(self):
        ada, ben, chat = self.two()
        self.town.say(ben, chat, "Can you read this?")
        visitor = Visitor(self.browser, URL)
        self.visitors.append(visitor)
        page = visitor.visit().page
        page.locator("input[name=email]").wait_for()
        page.keyboard.type(f"{ada}@example.org")
        page.keyboard.press("Tab")
        page.keyboard.type("correct horse battery")
        page.keyboard.press("Enter")
        page.locator(".row").first.wait_for()
        names, wrong = accessibility.walk(page, 12)
        self.assertEqual(wrong, [])
        self.assertTrue(any("Skip" in name for name in names), names)
        page.locator(".row").first.focus()
        page.keyboard.press("Enter")
        page.locator(".composer textarea").wait_for()
        page.keyboard.type("I can")
        page.keyboard.press("Enter")
        self.text(visitor, "I can").wait_for()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        self.assertEqual(page.evaluate("document.activeElement.tagName"), "ARTICLE")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        page.get_by_role("menuitem", name="Reply").wait_for()
        page.keyboard.press("Escape")
        self.assertEqual(page.evaluate("document.activeElement.className"), "icon-button message-more")


if __name__ == "__main__":
    unittest.main(verbosity=2)
