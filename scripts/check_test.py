"""Tests of `check.py`: for each rule, samples that must be refused and samples that must pass."""

import unittest

import check
import swift_source

CORE = "Sources/ArchiveCore/Log/X.swift"
HEAD = "// What this is for.\n"

# rule: (path, refused samples, passing samples)
SAMPLES = {
    "clock": (
        CORE,
        ["let now = Date()", "let t = ContinuousClock.now", "ContinuousClock().now", "Date.now"],
        ["let now = surroundings.now()", "// not Date()", 'let s = "Date()"', "Date(timeIntervalSince1970: 1)"],
    ),
    "sleep": (
        CORE,
        ["try await Task.sleep(for: .seconds(1))", "usleep(1)", "sleep(1)"],
        ["try await surroundings.sleep(.seconds(1))", "func sleep(_ d: Duration) {}"],
    ),
    "randomness": (
        CORE,
        ["UUID()", "Int.random(in: 0..<3)", "list.shuffled()", "SystemRandomNumberGenerator()"],
        ["surroundings.newID()", "surroundings.random() % 2", "Int.random(in: 0..<3, using: &seeded)", "UUID(uuidString: text)"],
    ),
    "crash": (
        CORE,
        ["x!", "x!.y", "f()!", "a[0]!", "try! f()", "y as! Int", "var z: Int!", 'd["k"]!', 'let s = "\\(x!)"', "x! == y"],
        ["a != b", "!a", "(!a)", "[!a]", "a!=b", 'let s = "Stop!"', "// Stop!", "{ !$0 }", 'let r = #"\\(x!)"#'],
    ),
    "fatalError": (CORE, ["fatalError()"], ['preconditionFailure("why")', "/* fatalError( */"]),
    "print": (CORE, ["print(1)", "debugPrint(x)", "dump(x)"], ["printer.print(1)", "blueprint(1)"]),
    "detached task": (
        CORE,
        ["Task { await f() }", "  _ = Task { }", "Task(priority: .low) {\n}", "let t = Task.detached { }"],
        ["let t = Task { await f() }", "await withTaskGroup(of: Int.self) { _ in }", "struct Task {}"],
    ),
    "unsafe": (
        CORE,
        ["withUnsafeBytes(of: x) { }", "let p: OpaquePointer", "nonisolated(unsafe) var x = 1", "[UInt8](unsafeUninitializedCapacity: 1)"],
        ["// unsafe", 'let s = "Unsafe"', "let isSafe = true"],
    ),
    "name": (
        CORE,
        ["struct StoreManager {}", "enum Utils {}", "final class FileHelper {}", "struct XImpl {}"],
        ["FileManager.default", "struct Managed {}", "struct Commons {}"],
    ),
    "todo": (CORE, ["// TO" + "DO: later", "// FIX" + "ME"], ["// TO" + "DO(#12): later", "let method = 1"]),
    "trailing whitespace": ("README.txt", ["a ", "a\t"], ["a", "a b"]),
    "machine path": (
        "README.md",
        ["cd /ro" + "ot/x", 'path = "/wo' + 'rk/main"', "`/ho" + "me/ada/data`"],
        ["Sources/work/x", "/workers/x", "https://example.org/ho" + "me/x", "~/data", "$HOME/x"],
    ),
    "registry host": (
        "Package.resolved",
        ["https://registry.npm" + "js.org/x", "https://py" + "pi.org/simple"],
        ["https://github.com/apple/swift-nio"],
    ),
}

IMPORTS = [
    ("Sources/ArchiveCore/X.swift", "import EmbeddedStore", False),
    ("Sources/ArchiveCore/X.swift", "public import Gzip", True),
    ("Sources/ArchiveCore/X.swift", "import NIOCore", False),
    ("Sources/ArchiveCore/X.swift", "import Crypto", True),
    ("Sources/ArchiveService/X.swift", "@preconcurrency import EmbeddedStore", False),
    ("Sources/ArchiveService/X.swift", "import struct EmbeddedStore.DirectoryObjectStore", False),
    ("Sources/ArchiveService/X.swift", "import NIOCore", True),
    ("Sources/ArchiveService/X.swift", "// import EmbeddedStore", True),
    ("Sources/EmbeddedStore/X.swift", "@testable import ArchiveService", False),
    ("Sources/EmbeddedStore/Directory/X.swift", "import CSQLite", False),
    ("Sources/EmbeddedStore/SQLite/X.swift", "import CSQLite", True),
    ("Sources/archive-service/X.swift", "import EmbeddedStore", True),
    ("Sources/ArchiveTesting/X.swift", "public import Testing", True),
    ("Sources/ArchiveCore/X.swift", "import Testing", False),
    ("Sources/Newcomer/X.swift", "import Foundation", False),
    ("Tools/Bench/X.swift", "import CSQLite", True),
    ("Tools/Torture/X.swift", "import CSQLite", False),
    ("Tests/EmbeddedStoreTests/X.swift", "@testable import EmbeddedStore", True),
    ("Tests/EmbeddedStoreTests/X.swift", "import XCTest", False),
    ("Sources/ArchiveCore/X.swift", "import CDocsPage", False),
]


def rules_found(path, text):
    return [finding.rule for finding in check.check_text(path, text)]


class RuleTests(unittest.TestCase):
    def test_each_rule_has_samples(self):
        self.assertEqual({rule.name for rule in check.RULES}, set(SAMPLES))

    def test_samples_that_must_be_refused(self):
        for name, (path, refused, _) in SAMPLES.items():
            for sample in refused:
                found = rules_found(path, HEAD + sample + "\n")
                self.assertTrue(any(rule.startswith(name) for rule in found), f"{name}: {sample}")

    def test_samples_that_must_pass(self):
        for name, (path, _, passing) in SAMPLES.items():
            for sample in passing:
                self.assertEqual(rules_found(path, HEAD + sample + "\n"), [], f"{name}: {sample}")

    def test_imports(self):
        for path, line, is_allowed in IMPORTS:
            self.assertEqual(rules_found(path, HEAD + line + "\n") == [], is_allowed, f"{path}: {line}")

    def test_places_with_other_rules(self):
        for path, text in [
            ("Sources/archive-service/LiveSurroundings.swift", "ContinuousClock().now"),
            ("Sources/archive-service/Serve.swift", "print(url)"),
            ("Tools/Bench/Main.swift", "print(ContinuousClock.now)"),
            ("Tests/ArchiveCoreTests/X.swift", "let x = list.first!"),
            ("Sources/EmbeddedStore/SQLite/X.swift", "let p: OpaquePointer"),
        ]:
            self.assertEqual(rules_found(path, HEAD + text + "\n"), [], f"{path}: {text}")
        self.assertEqual(len(rules_found("Tests/ArchiveCoreTests/X.swift", HEAD + "Task.sleep(1)\n")), 1)

    def test_findings_name_their_line(self):
        finding = check.check_text(CORE, HEAD + "/* a\n b */\nlet x = y!\n")[0]
        self.assertEqual((finding.path, finding.line), (CORE, 4))

    def test_the_first_line_says_the_purpose(self):
        self.assertEqual(rules_found(CORE, "import Crypto\n"), ["first line"])

    def test_long_files(self):
        self.assertEqual(rules_found("scripts/x.sh", "x\n" * 400), [])
        self.assertEqual(rules_found("scripts/x.sh", "x\n" * 401), ["file of 401 lines"])

    def test_long_functions(self):
        body = "  x()\n"
        declarations = ["func f() {", "init?(a: Int = 1) throws(E) {", "func f<T>(\n  a: T\n)\n  async throws -> T\n{"]
        for declaration in declarations:
            extra = declaration.count("\n")
            fits = f"{declaration}\n{body * (48 - extra)}}}\n"
            self.assertEqual(rules_found(CORE, HEAD + fits), [], declaration)
            found = rules_found(CORE, HEAD + f"{declaration}\n{body * (49 - extra)}}}\n")
            self.assertEqual(found, ["function of 51 lines"], declaration)

    def test_functions_without_a_body_do_not_swallow_what_follows(self):
        text = "protocol P {\n  func f(a: Int) throws\n  init(b: Int)\n}\nstruct S {\n" + "  let a = 1\n" * 60 + "}\n"
        self.assertEqual(rules_found(CORE, HEAD + text), [])

    def test_unchecked_sendable_needs_a_reason(self):
        bare = "final class C: @unchecked Sendable {}\n"
        self.assertEqual(rules_found(CORE, HEAD + "\n" + bare), ["@unchecked Sendable"])
        self.assertEqual(rules_found(CORE, HEAD + "\n/// The lock guards `x`;\n/// nothing else is shared.\n" + bare), [])


class SourceTests(unittest.TestCase):
    def test_texts_and_comments_become_spaces_of_the_same_length(self):
        for text in ['a "b\\"c" d', "a /* b /* c */ d */ e", '"""\nx "y" \\(z)\n""" a', '#"a"b"# c', 'a "open\nb']:
            blanked = swift_source.without_comments_and_texts(text)
            self.assertEqual(len(blanked), len(text))
            self.assertEqual(blanked.count("\n"), text.count("\n"))

    def test_interpolated_code_stays(self):
        blanked = swift_source.without_comments_and_texts('"a \\(f("b", (c))) d" e')
        self.assertEqual(blanked.split(), ['"', '\\(f("', '",', "(c)))", '"', "e"])


if __name__ == "__main__":
    unittest.main()
