"""Swift source as the rules of `check.py` see it: without comments and texts, and cut into functions."""

import re

CONTINUES = re.compile(r"\s*(async\b|throws\b|rethrows\b|->|where\b|\{)")
FUNCTION = re.compile(r"(?<![.\w])(?:func\s+\S+?(?=[(<\s])|init[?!]?(?=\s*[(<])|deinit\b)")
OPENING = {"(": ")", "[": "]"}


class Blanker:
    """Replaces comments and texts by spaces; lines and columns stay, interpolated code stays."""

    def __init__(self, text):
        self.text = text
        self.out = list(text)
        self.at = 0

    def run(self):
        self.code(closing=None)
        return "".join(self.out)

    def blank(self, end):
        for index in range(self.at, min(end, len(self.out))):
            if self.out[index] != "\n":
                self.out[index] = " "
        self.at = end

    def code(self, closing):
        """Code up to the bracket that closes an interpolation, or to the end."""
        depth = 0
        while self.at < len(self.text):
            rest = self.text[self.at : self.at + 2]
            if rest == "//":
                end = self.text.find("\n", self.at)
                self.blank(end if end >= 0 else len(self.text))
            elif rest == "/*":
                self.block_comment()
            elif quote := re.compile(r'#*"').match(self.text, self.at):
                self.literal(quote.group())
            else:
                character = self.text[self.at]
                if closing and character == "(":
                    depth += 1
                if closing and character == ")":
                    if depth == 0:
                        return
                    depth -= 1
                self.at += 1

    def block_comment(self):
        depth = 0
        end = self.at
        while end < len(self.text):
            if self.text.startswith("/*", end):
                depth, end = depth + 1, end + 2
            elif self.text.startswith("*/", end):
                depth, end = depth - 1, end + 2
                if depth == 0:
                    break
            else:
                end += 1
        self.blank(end)

    def literal(self, quote):
        hashes = quote[:-1]
        is_long = self.text.startswith(hashes + '"""', self.at)
        ending = ('"""' if is_long else '"') + hashes
        escape = "\\" + hashes
        self.at += len(hashes) + (3 if is_long else 1)
        while self.at < len(self.text):
            if self.text.startswith(ending, self.at):
                self.at += len(ending)
                return
            if not is_long and self.text[self.at] == "\n":
                return  # Not a literal after all; go on with code.
            if self.text.startswith(escape + "(", self.at):
                self.at += len(escape) + 1
                self.code(closing=")")
                self.at += 1
            elif self.text.startswith(escape, self.at):
                self.blank(self.at + len(escape) + 1)
            else:
                self.blank(self.at + 1)


def without_comments_and_texts(text):
    return Blanker(text).run()


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def functions(code):
    """(line, number of lines) of each function with a body, as far as brackets tell."""
    for match in FUNCTION.finditer(code):
        opening = body_start(code, match.end())
        if opening is not None:
            end = matching_brace(code, opening)
            first = line_of(code, match.start())
            yield first, line_of(code, end) - first + 1


def body_start(code, at):
    """Where the body opens; `None` for a declaration without one, as in a protocol."""
    depth = 0
    while at < len(code):
        character = code[at]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0 and character == "{":
            return at
        elif depth == 0 and character in "};":
            return None
        elif depth == 0 and character == "\n":
            rest = code[at + 1 :].lstrip()
            if not CONTINUES.match(rest):
                return None
        at += 1
    return None


def matching_brace(code, at):
    depth = 0
    while at < len(code):
        if code[at] == "{":
            depth += 1
        elif code[at] == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return len(code)
