"""Writes Sources/CWebPage/CWebPage.c, which puts each file of the web page into the binary.

Run it after a file was added, removed or renamed. With --check it only says whether it was run.
"""

import sys
from pathlib import Path

MODULE = Path(__file__).resolve().parent.parent / "Sources" / "CWebPage"
# A path on the server has a folder and a name, so every file but the first lies in one folder.
KINDS = (".css", ".html", ".js", ".svg")


def paths():
    files = MODULE / "files"
    found = sorted(str(path.relative_to(files)) for path in files.rglob("*") if path.is_file())
    for path in found:
        if not path.endswith(KINDS) or path.count("/") > 1 or (path != "index.html" and "/" not in path):
            sys.exit(f"web_page.py: {path}: a file of the page lies in one folder and is one of {KINDS}")
    return found


def source(found):
    lines = [
        "// Puts the files of the web page into the binary (C23 #embed). Written by scripts/web_page.py.",
        '#include "CWebPage.h"', "", '#pragma clang diagnostic ignored "-Wc23-extensions"', "",
    ]
    for number, path in enumerate(found):
        lines += [f"static const unsigned char file_{number}[] = {{", f'#embed "files/{path}"', "};"]
    lines += ["", "static const struct cweb_page_file files[] = {"]
    lines += [f'  {{"{path}", file_{number}, sizeof file_{number}}},' for number, path in enumerate(found)]
    lines += [
        "};", "", "const struct cweb_page_file *const cweb_page_files = files;",
        "const size_t cweb_page_file_count = sizeof files / sizeof files[0];", "",
    ]
    return "\n".join(lines)


def main():
    target = MODULE / "CWebPage.c"
    wanted = source(paths())
    if sys.argv[1:] == ["--check"]:
        if not target.exists() or target.read_text() != wanted:
            sys.exit("Sources/CWebPage/CWebPage.c: does not name the files that are there (cure: python3 scripts/web_page.py)")
    else:
        target.write_text(wanted)


main()
