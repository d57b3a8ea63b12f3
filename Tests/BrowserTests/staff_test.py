"""Support, the admin console, and the documentation, in a real Chromium."""

import gzip
import json
import unittest

from browser import Visitor
from page_case import URL, PageTest


class Staff(PageTest):
    def test_C1_a_customer_asks_and_the_staff_answer(self):
        self.expected = ("status of 404",)
        gina = self.person("Gina Kunde")
        one = self.visit(gina)
        one.page.get_by_role("button", name="New chat").first.click()
        one.page.get_by_label("Support").check()
        one.page.get_by_label("What is it about?").fill(f"Order {self.mark}")
        one.page.get_by_role("button", name="Ask the support").click()
        one.page.get_by_role("heading", name=f"Order {self.mark}").wait_for()
        one.say("Where is it?")
        one.page.locator(".message.own .sent").wait_for()
        anna = Visitor(self.browser, URL)
        self.visitors.append(anna)
        anna.visit("#/support").sign_in("admin@example.org")
        anna.page.locator(".boxed li", has_text=self.mark).get_by_role("button", name="Take").click()
        self.text(anna, "Where is it?").wait_for()
        anna.say("On its way")
        self.text(one, "On its way").wait_for()
        anna.page.get_by_role("button", name="Acts on this request").click()
        anna.page.get_by_role("menuitem", name="Close the request").click()
        one.page.locator(".system", has_text="closed the request").wait_for()

    def test_B3_an_admin_looks_after_accounts(self):
        self.expected = ("status of 401",)
        hugo = self.person(f"Hugo{self.mark} Test")
        one = self.visit(hugo)
        anna = Visitor(self.browser, URL)
        self.visitors.append(anna)
        anna.visit("#/admin/users").sign_in("admin@example.org")
        page = anna.page
        page.locator(".filters").get_by_role("searchbox").fill(f"Hugo{self.mark}")
        # The rows of before the search would be taken away under the hand.
        page.locator("tbody tr").nth(1).wait_for(state="detached")
        row = page.locator("tbody tr", has_text=f"Hugo{self.mark}")
        row.get_by_role("button").click()
        page.get_by_role("menuitem", name="Make: Agent").click()
        page.get_by_role("dialog").get_by_role("button", name="Make: Agent").click()
        row.get_by_text("Agent").wait_for()
        row.get_by_role("button").click()
        page.get_by_role("menuitem", name="Put out of use").click()
        page.get_by_role("dialog").get_by_role("button", name="Put out of use").click()
        row.get_by_text("Out of use").wait_for()
        one.page.get_by_text("You are signed out.").wait_for(timeout=10000)
        anna.visit("#/admin/audit")
        page.locator("tbody tr", has_text="Account put out of use").first.get_by_text(f"Hugo{self.mark} Test").wait_for()
        anna.visit("#/admin/health")
        page.get_by_text("Ready", exact=True).wait_for()


    def test_A7_an_admin_opens_an_archive(self):
        ada, ben, chat = self.two()
        group = self.town.group(ada, f"Board {self.mark}", [ben])
        for number in range(3):
            self.town.say(ada, chat, f"archived {number}")
        self.town.say(ben, group, "hello all")
        self.town.flush()
        self.town.say(ben, chat, "not archived yet")
        anna = Visitor(self.browser, URL)
        self.visitors.append(anna)
        anna.visit("#/admin/archives").sign_in("admin@example.org")
        page = anna.page
        page.locator("tbody tr", has_text=f"Board {self.mark}").wait_for()
        # Of one person, of one kind.
        page.get_by_role("button", name="Anybody").click()
        page.get_by_role("dialog").get_by_role("searchbox").fill(f"{ben}@example.org")
        page.get_by_role("dialog").locator("button.person").click()
        page.get_by_label("Kind").select_option("direct")
        page.locator("tbody tr", has_text=f"Board {self.mark}").wait_for(state="detached")
        row = page.locator(".table").first.locator("tbody tr")
        row.get_by_text("3 of 4").wait_for()
        self.assertEqual(row.count(), 1)
        row.get_by_role("link").click()
        page.locator(".facts", has_text="Two people").wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the conversation").click()
        with open(download.value.path()) as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual([line["text"] for line in lines], [f"archived {n}" for n in range(3)] + ["not archived yet"])
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the entries").first.click()
        with gzip.open(download.value.path(), "rt") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual([line.get("text") for line in lines], [None] + [f"archived {n}" for n in range(3)])
        page.get_by_role("button", name="Verify this conversation").click()
        page.locator(".verification .tag.good", has_text="All is well").wait_for(timeout=20000)
        # That somebody read it is written down.
        anna.visit("#/admin/audit")
        page.locator("tbody tr", has_text="Conversation read").first.get_by_text("Anna Admin").wait_for()
        anna.visit("#/admin/archives")
        page.get_by_role("button", name="Verify everything").click()
        page.locator(".verification .tag.good", has_text="All is well").first.wait_for(timeout=60000)


class Documentation(PageTest):
    def test_I2_a_route_is_tried(self):
        self.expected = ("status of 401",)
        ada = self.person("Ada Lovelace")
        one = self.visit(ada)
        one.visit("docs")
        article = one.page.locator("article#showOwnUser")
        article.locator("summary", has_text="Try it").click()
        article.get_by_role("button", name="GET /api/users/me").click()
        article.locator("pre", has_text="200").wait_for()
        self.assertIn(f"{ada}@example.org", article.locator("pre").inner_text())
        article.get_by_label("access token").fill("wrong")
        article.get_by_role("button", name="GET /api/users/me").click()
        article.locator("pre", has_text="401").wait_for()


if __name__ == "__main__":
    unittest.main(verbosity=2)
