"""People talk in a real Chromium, lose the connection, open second tabs, sign in and out."""

import unittest

from browser import Visitor
from page_case import URL, PageTest

# As behind a proxy that lets none through.
NO_WEBSOCKETS = """WebSocket = class {
  static OPEN = 1;
  constructor() { setTimeout(() => this.onclose?.(), 50); }
  close() {}
  send() {}
}"""


class Talking(PageTest):
    def test_A1_two_people_talk(self):
        ada, ben, chat = self.two()
        one, other = self.visit(ada, f"#/c/{chat}"), self.visit(ben, f"#/c/{chat}")
        one.say("Hello Ben")
        self.text(other, "Hello Ben").wait_for(timeout=2000)
        other.page.locator(".composer textarea").type("Hel")
        one.page.locator(".typing-line", has_text="types").wait_for(timeout=3000)
        other.say("Hello Ada")
        self.text(one, "Hello Ada").wait_for(timeout=2000)
        one.page.locator(".message.own .read").first.wait_for(timeout=5000)
        self.assertEqual(self.texts(one), ["Hello Ben", "Hello Ada"])

    def test_A3_who_was_offline_catches_up(self):
        self.expected = ("Failed to load resource", "WebSocket connection", "ERR_INTERNET_DISCONNECTED")
        ada, ben, chat = self.two()
        one, other = self.visit(ada, f"#/c/{chat}"), self.visit(ben, f"#/c/{chat}")
        one.say("before")
        self.text(other, "before").wait_for()
        other.context.set_offline(True)
        other.page.locator(".banner-line").wait_for(timeout=10000)
        for number in range(5):
            one.say(f"missed {number}")
        other.say("written while offline")
        other.page.locator(".message.own .waiting").wait_for()
        other.context.set_offline(False)
        self.text(other, "missed 4").wait_for(timeout=30000)
        self.text(one, "written while offline").wait_for(timeout=30000)
        other.page.locator(".banner-line").wait_for(state="detached")
        expected = ["before"] + [f"missed {number}" for number in range(5)] + ["written while offline"]
        self.assertEqual(self.texts(one), expected)
        self.assertEqual(self.texts(other), expected)

    def test_A1_a_second_tab_shows_the_same(self):
        ada, ben, chat = self.two()
        one, other = self.visit(ada, f"#/c/{chat}"), self.visit(ben)
        second = one.tab()
        one.visit(f"#/c/{chat}", second)
        second.locator(".composer textarea").wait_for()
        one.say("from the first tab")
        self.text(one, "from the first tab", second).wait_for(timeout=3000)
        one.say("from the second tab", second)
        self.text(one, "from the second tab").wait_for(timeout=3000)
        self.assertEqual(self.texts(one), ["from the first tab", "from the second tab"])
        other.page.locator(".row .badge", has_text="2").wait_for(timeout=3000)
        other.page.locator(".row").first.click()
        other.page.locator(".row .badge").wait_for(state="detached", timeout=5000)

    def test_D1_where_no_websocket_gets_through(self):
        self.expected = ("WebSocket",)
        ada, ben, chat = self.two()
        one = Visitor(self.browser, URL)
        self.visitors.append(one)
        one.context.add_init_script(NO_WEBSOCKETS)
        one.visit(f"#/c/{chat}").sign_in(f"{ada}@example.org")
        other = self.visit(ben, f"#/c/{chat}")
        one.say("by polling")
        self.text(other, "by polling").wait_for(timeout=10000)
        other.say("by a WebSocket")
        self.text(one, "by a WebSocket").wait_for(timeout=10000)

    def test_C3_a_chat_that_was_open_before_is_whole(self):
        ada, ben, chat = self.two()
        # One's own, so that there is nothing new at which it would begin.
        for number in range(40):
            self.town.say(ada, chat, f"line {number}")
        for size in ("wide", "phone"):
            one = self.visit(ada, f"#/c/{chat}", size=size)
            for path in ("#/settings", "#/", "#/settings"):
                self.text(one, "line 39").wait_for()
                seen = one.page.locator(".message").count()
                self.assertGreater(seen, 10)
                one.visit(path).visit(f"#/c/{chat}")
                self.text(one, "line 39").wait_for()
                one.page.wait_for_timeout(200)
                self.assertEqual(one.page.locator(".message").count(), seen)
                box = self.text(one, "line 39").bounding_box()
                self.assertGreater(box["y"], 300)

    def test_C6_what_waits_survives_a_reload(self):
        self.expected = ("Failed to load resource", "WebSocket connection", "ERR_INTERNET_DISCONNECTED")
        ada, ben, chat = self.two()
        one = self.visit(ada, f"#/c/{chat}")
        one.say("first")
        one.page.locator(".message.own .sent").wait_for()
        one.context.add_init_script("if (localStorage.blocked) " + NO_WEBSOCKETS)
        one.page.evaluate("localStorage.blocked = 'yes'")
        one.page.route("**/socket.io/**", lambda route: route.abort())
        one.page.reload()
        one.page.locator(".message").first.wait_for()
        one.say("while nobody answers")
        one.page.locator(".message.own .waiting").wait_for()
        one.page.unroute_all()
        one.page.evaluate("delete localStorage.blocked")
        one.page.reload()
        self.text(one, "while nobody answers").locator(".sent").wait_for(timeout=20000)
        self.assertEqual(self.texts(one), ["first", "while nobody answers"])

    def test_C3_edit_reply_delete(self):
        ada, ben, chat = self.two()
        self.town.say(ben, chat, "Is it ready?")
        one, other = self.visit(ada, f"#/c/{chat}"), self.visit(ben, f"#/c/{chat}")
        self.text(one, "Is it ready?").hover()
        self.text(one, "Is it ready?").locator(".message-more").click()
        one.page.get_by_role("menuitem", name="Reply").click()
        one.say("Nearly")
        self.text(other, "Nearly").locator(".quote", has_text="Is it ready?").wait_for()
        one.page.locator(".composer textarea").press("ArrowUp")
        one.page.locator(".composer textarea").fill("It is")
        one.page.locator(".composer textarea").press("Enter")
        self.text(other, "It is").locator(".foot", has_text="edited").wait_for()
        self.text(one, "It is").last.hover()
        self.text(one, "It is").last.locator(".message-more").click()
        one.page.get_by_role("menuitem", name="Delete").click()
        one.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        self.text(other, "Message deleted").wait_for()
        self.text(one, "Message deleted").wait_for()

    def test_C2_a_group_is_made_and_changed(self):
        ada, ben = self.person("Ada Lovelace"), self.person(f"Ben{self.mark} Kiosk")
        one = self.visit(ada)
        page = one.page
        page.get_by_role("button", name="New chat").first.click()
        page.get_by_label("A group").check()
        page.get_by_label("Title of the group").fill("Readers")
        page.get_by_role("dialog").get_by_role("searchbox").fill(f"Ben{self.mark}")
        page.get_by_role("dialog").locator("button.person").click()
        page.get_by_role("button", name="Create the group").click()
        page.get_by_role("heading", name="Readers").wait_for()
        page.get_by_role("button", name="Details").click()
        page.locator(".side").get_by_role("button", name="Edit").click()
        page.get_by_role("dialog").get_by_label("Title of the group").fill("Writers")
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
        page.locator(".side").get_by_role("heading", name="Writers").wait_for()
        page.locator(".system", has_text="changed the title").wait_for()
        page.locator(".side").get_by_role("button", name=f"Acts on Ben{self.mark}").click()
        page.get_by_role("menuitem", name="Remove from the group").click()
        page.locator(".side .boxed li").nth(1).wait_for(state="detached")

    def test_text_stays_text(self):
        ada, ben, chat = self.two()
        one, other = self.visit(ada, f"#/c/{chat}"), self.visit(ben, f"#/c/{chat}")
        hostile = '<img src=x onerror="document.title=1"><script>alert(1)</script> javascript:alert(1) https://a.example/<b>'
        one.say(hostile)
        self.text(other, "<script>").wait_for()
        self.assertEqual(other.page.locator(".message img, .message script").count(), 0)
        links = other.page.locator(".message .text a")
        self.assertEqual([links.nth(at).get_attribute("href") for at in range(links.count())], ["https://a.example/"])


class Sessions(PageTest):
    def test_B1_signing_up_in_and_out(self):
        visitor = Visitor(self.browser, URL)
        self.visitors.append(visitor)
        self.expected = ("status of 401", "status of 409")
        page = visitor.visit().page
        page.get_by_role("button", name="No account yet? Sign up").click()
        page.get_by_role("button", name="Sign up").click()
        page.get_by_text("Please fill this in.").wait_for()
        page.get_by_label("Your name").fill("Gina")
        page.get_by_label("E-mail").fill(f"gina-{self.mark}@example.org")
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name="Sign up").click()
        page.locator(".app").wait_for()
        page.get_by_role("link", name="Settings").click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_label("Password").fill("wrong password")
        page.get_by_label("E-mail").fill(f"gina-{self.mark}@example.org")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("E-mail or password is wrong.").wait_for()

    def test_B2_a_session_that_is_ended_elsewhere_ends_here(self):
        self.expected = ("status of 401",)
        ada = self.person("Ada Lovelace")
        one, other = self.visit(ada), self.visit(ada)
        one.visit("#/settings").page.get_by_role("button", name="End all others").click()
        one.page.get_by_role("dialog").get_by_role("button", name="End", exact=True).click()
        other.page.get_by_text("You are signed out.").wait_for(timeout=10000)

    def test_B2_two_tabs_renew_their_session_once(self):
        ada, _, chat = self.two()
        one = self.visit(ada)
        second = one.tab()
        one.visit("", second)
        second.locator(".row").first.wait_for()
        # A page that is left in the middle of a renewal would lose what was answered, so both are left before.
        for page in (one.page, second):
            page.goto("about:blank")
        one.context.add_init_script("""
          if (location.protocol !== 'about:' && !localStorage.aged) {
            localStorage.aged = 'yes';
            localStorage['chat.session'] = JSON.stringify({ ...JSON.parse(localStorage['chat.session']), expiresAt: Date.now() - 1 });
          }""")
        renewals = []
        one.context.on("request", lambda request: renewals.append(1) if request.url.endswith("/auth/refresh") else None)
        for page in (one.page, second):
            page.goto(one.url, wait_until="commit")
        for page in (one.page, second):
            page.locator(".row").first.wait_for()
            page.wait_for_timeout(500)
            self.assertEqual(page.locator(".door").count(), 0)
        self.assertEqual(len(renewals), 1)

    def test_B2_a_reload_keeps_the_session_and_the_draft(self):
        ada, _, chat = self.two()
        one = self.visit(ada, f"#/c/{chat}")
        one.page.locator(".composer textarea").fill("half a sentence")
        one.page.reload()
        one.page.locator(".composer textarea").wait_for()
        self.assertEqual(one.page.locator(".composer textarea").input_value(), "half a sentence")


if __name__ == "__main__":
    unittest.main(verbosity=2)
