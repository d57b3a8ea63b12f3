"""The rules of this repository that a machine can check. `./dev check` runs it.

Each finding is one line: file:line, the rule, and the cure. Exit code 1 when there is any.
A new module gets a line in MODULES, a new rule a line in RULES and two samples in check_test.py.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import swift_source

# Which of our modules may import which of ours. Layers are walls: see docs/ARCHITECTURE.md.
ANY = None
MODULES = {
    "CZlib": set(),
    "CSQLite": set(),
    "CDocsPage": set(),
    "CWebPage": set(),
    "CAllocator": set(),
    "CCurl": set(),
    "CCurlShims": {"CCurl"},
    "CMongoc": set(),
    "CMongocShims": {"CMongoc"},
    "MongoDriver": {"CMongoc", "CMongocShims", "Threads"},
    "MongoStore": {"ArchiveCore", "Encodings", "MongoDriver"},
    "CXML2": set(),
    "CurlHTTP": {"CCurl", "CCurlShims", "Threads"},
    "S3Client": {"CurlHTTP", "CXML2", "Encodings"},
    "SMTPClient": {"CCurl", "CCurlShims", "Encodings", "Threads"},
    "S3Store": {"ArchiveCore", "Encodings", "S3Client"},
    "Gzip": {"CZlib"},
    "Encodings": set(),
    "Threads": set(),
    "ArchiveCore": {"Encodings", "Gzip"},
    "EmbeddedStore": {"ArchiveCore", "CSQLite", "Encodings"},
    "RealtimeProtocol": {"Encodings"},
    "RealtimeTransport": {"Encodings", "Gzip", "RealtimeProtocol"},
    "Uploads": {"Encodings"},
    "ArchiveService": {
        "ArchiveCore", "CDocsPage", "CWebPage", "Encodings", "Gzip", "RealtimeProtocol", "RealtimeTransport", "Uploads",
    },
    "ArchiveTesting": {"ArchiveCore"},
    "archive-service": ANY,
}
# Modules of others that only some of ours may import.
RESERVED = [
    (r"Testing", r"Tests/|Sources/ArchiveTesting/"),
    (r"XCTest", r"$nowhere"),
    (r"CSQLite", r"Sources/EmbeddedStore/SQLite/|Tools/Bench/"),
    (r"CCurl\w*", r"Sources/CurlHTTP/|Sources/SMTPClient/Transport/|Tools/Bench/"),
    (r"CXML2", r"Sources/S3Client/XML/"),
    (r"CMongoc\w*", r"Sources/MongoDriver/|Tools/Bench/"),
    (
        r"Hummingbird\w*|NIO\w*",
        r"Sources/(ArchiveService|ArchiveTesting|RealtimeTransport|archive-service)/|Tests/|Tools/",
    ),
]
# The one place that makes the live surroundings, and tools, which have no tests that move a clock.
LIVE = (
    r"Sources/archive-service/LiveSurroundings\.swift|Sources/S3Client/Values/S3Surroundings\+live\.swift"
    # The transfer thread's own deadlines, which no test can move: libcurl lives in real time.
    # The same holds for libmongoc.
    r"|Sources/(CurlHTTP|MongoDriver/Client)/SteadyClock\.swift|Tools/"
)
FILE_LINES = 400
FUNCTION_LINES = 50


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    cure: str


class Rule(NamedTuple):
    name: str
    pattern: str
    cure: str
    where: str
    unless: str = r"$nowhere"
    sees: str = "code"  # Or "text": comments and texts as well.


RULES = [
    Rule(
        "clock",
        r"\bDate\(\)|\bDate\.now\b|\bNSDate\(|\b(Continuous|Suspending)Clock\b|\bDispatchTime\.now\b"
        r"|\bclock_gettime\b|\bgettimeofday\b|\bsystemUptime\b",
        "take the time from Surroundings",
        r"Sources/",
        LIVE,
    ),
    Rule(
        "sleep",
        r"\bTask\.sleep\b|\bThread\.sleep\b|(?<![.\w])(?<!func )u?sleep\(\d",
        "sleep through Surroundings; in a test, move the clock",
        # Tests of the whole server may wait for real sockets; all others move the clock.
        r"Sources/|Tests/(?!(ArchiveServiceTests|CommandTests|MongoTesting)/)",
        # The manual clock itself waits, in real time, for woken tasks to sleep again.
        LIVE + r"|Sources/ArchiveTesting/ManualSurroundings\.swift",
    ),
    Rule(
        "randomness",
        r"\bUUID\(\)|\.random\((?!\))(?![^\n]*\busing:)|\.randomElement\(\)|\.shuffled?\(\)|\bSystemRandomNumberGenerator\b"
        r"|\barc4random",
        "take randomness and ids from Surroundings, or a seeded generator",
        r"Sources/",
        LIVE + r"|Sources/ArchiveTesting/SeededGenerator\.swift",
    ),
    Rule(
        "crash",
        r"\btry!|\bas!|(?<=[\w)\]}\"?])!(?!=)",
        "unwrap with guard, and return an error; no input may end the process",
        r"Sources/|Tools/",
    ),
    Rule(
        "fatalError",
        r"\bfatalError\(",
        "an error for bad input; precondition with a sentence for a bug",
        r"Sources/",
    ),
    Rule(
        "print",
        r"(?<![.\w])(debugPrint|print|dump)\(",
        "log through the Logger that was handed in",
        r"Sources/",
        r"Sources/archive-service/",
    ),
    Rule(
        "detached task",
        r"^[ \t]*(_\s*=\s*)?Task(\.detached|\.immediate)?\s*(\([^)\n]*\)\s*)?\{|\bTask\.detached\b",
        "put work into a task group that somebody awaits",
        r"Sources/",
    ),
    Rule(
        "unsafe",
        r"\b\w*[Uu]nsafe\w*\b|\bOpaquePointer\b|\bUnmanaged\b|\bwithMemoryRebound\b",
        "unsafe code lives in CurlHTTP, EmbeddedStore, Gzip, MongoDriver, S3Client/XML and SMTPClient/Transport, so that it can be audited in an afternoon",
        r"Sources/",
        # What can be read or written in no other way: a derived key, constants of the binary, a descriptor.
        r"Sources/(CurlHTTP|EmbeddedStore|Gzip|MongoDriver|S3Client/XML|SMTPClient/Transport)/|Sources/ArchiveCore/Values/Surroundings\.swift"
        r"|Sources/ArchiveService/Accounts/PasswordHash\.swift"
        r"|Sources/ArchiveService/(Operation/OperationHandlers|Web/WebPage)\.swift"
        r"|Sources/archive-service/StandardOutput\.swift",
    ),
    Rule(
        "name",
        r"\b(class|struct|enum|actor|protocol|typealias)\s+\w*(Manager|Helpers?|Utils?|Impl|Common)\b",
        "name it after what it is",
        r"Sources/|Tests/|Tools/",
    ),
    Rule(
        "todo",
        r"\b(TO[D]O|FIX[M]E|XX[X])\b(?!\(#\d+\))",
        "do it, or open an issue and write its number: TO" + "DO(#12)",
        r"(Sources|Tests|Tools|scripts|\.ci)/|dev$|Package\.swift",
        sees="text",
    ),
    Rule("trailing whitespace", r"[ \t]+$", "delete it", r"", r".*\.md$", sees="text"),
    Rule(
        "machine path",
        r"(?<![\w.$}/-])/(wor[k]|roo[t]|hom[e])/\w",
        "write a path relative to the repository, or take it from a setting",
        r"",
        sees="text",
    ),
    Rule(
        "registry host",
        r"\b(registry\.npmj[s]|pyp[i]\.org|pythonhoste[d]\.org|proxy\.golan[g]|crate[s]\.io|regist[r]y-1\.docker"
        r"|deb\.debia[n]\.org|artifactor[y]\.)",
        "the machine's own configuration says where packages come from",
        r"",
        sees="text",
    ),
]

IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)\n]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|func|var|let|typealias|actor)\s+)?([\w]+)",
    re.MULTILINE,
)


def check_text(path, text):
    """All findings in one file, given its path from the repository's root."""
    is_swift = path.endswith(".swift")
    code = swift_source.without_comments_and_texts(text) if is_swift else ""
    findings = []
    for rule in RULES:
        seen = text if rule.sees == "text" else code
        if re.match(rule.where, path) and not re.match(rule.unless, path):
            for match in re.finditer(rule.pattern, seen, re.MULTILINE):
                line = swift_source.line_of(seen, match.start())
                findings.append(Finding(path, line, f"{rule.name} `{match.group().strip()}`", rule.cure))
    if re.match(r"(Sources|Tests|Tools|scripts|\.ci)/|dev$", path):
        findings += check_file_length(path, text)
    if is_swift and re.match(r"(Sources|Tests|Tools)/", path):
        findings += check_imports(path, code)
        findings += check_first_line(path, text)
        findings += check_functions(path, code)
        findings += check_sendable(path, text, code)
    return findings


def check_imports(path, code):
    module = path.split("/")[1] if path.startswith("Sources/") else ""
    if module and module not in MODULES:
        return [Finding(path, 1, f"unknown module {module}", "say in scripts/check.py what it may import")]
    findings = []
    for match in IMPORT.finditer(code):
        imported, line = match.group(1), swift_source.line_of(code, match.start(1))
        allowed = MODULES.get(module, ANY)
        if allowed is not ANY and imported in MODULES and imported not in allowed:
            cure = f"{module} may import of ours: {', '.join(sorted(allowed)) or 'nothing'}"
            findings.append(Finding(path, line, f"import of {imported}", cure))
        for reserved, where in RESERVED:
            if re.fullmatch(reserved, imported) and not re.match(where, path):
                cure = f"only for {where.replace('|', ' ')}" if "$" not in where else "not used here"
                findings.append(Finding(path, line, f"import of {imported}", cure))
    return findings


def check_file_length(path, text):
    count = len(text.splitlines())
    if count <= FILE_LINES:
        return []
    return [Finding(path, count, f"file of {count} lines", f"split it; the limit is {FILE_LINES}")]


def check_first_line(path, text):
    if re.match(r"// \S", text) or path == "Package.swift":
        return []
    return [Finding(path, 1, "first line", "begin the file with one // line that says its purpose")]


def check_functions(path, code):
    return [
        Finding(path, line, f"function of {count} lines", f"split it; the limit is {FUNCTION_LINES}")
        for line, count in swift_source.functions(code)
        if count > FUNCTION_LINES
    ]


def check_sendable(path, text, code):
    """`@unchecked Sendable` needs two lines of comment right above that say who guards what."""
    findings = []
    lines = text.splitlines()
    for match in re.finditer(r"@unchecked\s+Sendable", code):
        number = swift_source.line_of(code, match.start())
        above = 0
        # Attributes and the beginning of the declaration may stand in between.
        for line in reversed(lines[max(0, number - 12) : number - 1]):
            if line.lstrip().startswith("//"):
                above += 1
            elif above or not line.strip():
                break
        if above < 2:
            findings.append(
                Finding(path, number, "@unchecked Sendable", "say above in two lines who guards what")
            )
    return findings


def tracked_files():
    """What is or would be in a commit; deleted files are left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
    )
    return sorted({name for name in listed.stdout.decode().split("\0") if name})


def main():
    findings, count = [], 0
    for name in tracked_files():
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError):
            continue  # Deleted, a submodule, or not text.
        findings += check_text(name, text)
        count += 1
    for finding in findings:
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.cure}")
    print(f"{count} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
