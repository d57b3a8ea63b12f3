// Names that people give files, and names that attackers do.

import Testing

@testable import Uploads

@Suite struct FileNameTests {
  @Test(
    "U06 a name is shown as sent, without folders, controls and disguises",
    arguments: [
      ("kot.png", "kot.png"), ("Отчёт за май (2).pdf", "Отчёт за май (2).pdf"),
      ("図面.dwg", "図面.dwg"),
      ("What? Really: \"yes\" <b>.txt", "What? Really: \"yes\" <b>.txt"), (".bashrc", ".bashrc"),
      ("10:30\u{202F}AM.png", "10:30\u{202F}AM.png"), ("👨‍👩‍👧.jpg", "👨‍👩‍👧.jpg"),
      ("نمی‌خواهم.txt", "نمی‌خواهم.txt"),
      ("🏴󠁧󠁢󠁥󠁮󠁧󠁿.png", "🏴󠁧󠁢󠁥󠁮󠁧󠁿.png"),
      ("../../etc/passwd", "passwd"), ("..\\..\\x", "x"), ("C:\\x", "x"), ("a/b", "b"),
      ("C:\\fakepath\\a.png", "a.png"),
      ("a\0.png\0", "a.png"), ("a\r\nSet-Cookie: b", "a Set-Cookie: b"), ("a\tb", "a b"),
      ("a\u{7F}\u{9B}b", "ab"),
      ("", "file.jpg"), (".", "file.jpg"), ("..", "file.jpg"), ("...", "file.jpg"),
      ("/", "file.jpg"), ("a/", "file.jpg"),
      ("   ", "file.jpg"), ("\u{202E}", "file.jpg"), ("\u{3164}", "file.jpg"), (". .", "file.jpg"),
      ("x.exe.", "x.exe"), ("x.exe . .", "x.exe"), ("  a.txt  ", "a.txt"),
      ("a.txt\u{200B}.", "a.txt"),
      ("invoice.pdf                    .exe", "invoice.pdf .exe"), ("a\u{2003}\u{2003}b", "a b"),
      ("photo\u{202E}gnp.exe", "photognp.exe"), ("\u{2066}a\u{2069}b\u{200F}\u{061C}", "ab"),
      ("a\u{200D}\u{200D}b", "ab"),
      ("a\u{FEFF}\u{E000}\u{FFFE}\u{2028}b", "a b"), ("\u{FFFC}a\u{034F}", "a"),
      ("CON", "CON"), ("e\u{301}.txt", "\u{E9}.txt"),
    ] as [(String, String)])
  func cleansNames(_ sent: String, _ shown: String) {
    let name = FileName(sent, kind: .jpeg)
    #expect(
      name.text.unicodeScalars.elementsEqual(shown.unicodeScalars), "\(name.text.debugDescription)")
  }

  @Test("U07 composed and decomposed twins have one name")
  func unitesTwins() {
    let (composed, decomposed) = (
      FileName("Й\u{E9}한.txt"), FileName("И\u{306}e\u{301}\u{1112}\u{1161}\u{11AB}.txt")
    )
    #expect(composed == decomposed)
    #expect(Array(composed.text.utf8) == Array(decomposed.text.utf8))
  }

  @Test(
    "U06 a long name is shortened before its ending, between characters",
    arguments: [
      ("a", 4096), ("ж", 4096), ("👨‍👩‍👧", 512), ("e\u{301}\u{302}", 600), ("e\u{301}", 300),
    ] as [(String, Int)])
  func shortensNames(_ piece: String, _ count: Int) {
    let name = FileName(String(repeating: piece, count: count) + ".jpeg")
    #expect(name.text.utf8.count <= 255)
    #expect(name.text.utf8.count > 220)
    #expect(name.text.hasSuffix(".jpeg"))
    let whole = piece.precomposedCharacter
    #expect(name.text.dropLast(5).allSatisfy { $0 == whole })
    #expect(name.onDisk.utf8.count <= 255)
  }

  @Test("U06 a single character with a thousand marks, and an endless ending, are shortened too")
  func shortensMonsters() {
    let marks = FileName("a" + String(repeating: "\u{316}", count: 4096) + ".png")
    #expect(marks.text.utf8.count <= 255 && !marks.text.isEmpty)
    let ending = FileName("a." + String(repeating: "x", count: 4096))
    #expect(ending.text.utf8.count == 255)
    #expect(FileName(String(repeating: "/", count: 1 << 20)).text == "file")
  }

  @Test(
    "U06 a name on a disk is no device, no hidden file, and has nothing that Windows refuses",
    arguments: [
      ("kot.png", "kot.png"), ("a:b?c*d|e<f>g\"h", "a_b_c_d_e_f_g_h"), ("CON", "_CON"),
      ("con.txt", "_con.txt"),
      ("Aux .png", "_Aux .png"), ("COM1.tar.gz", "_COM1.tar.gz"), ("lpt³", "_lpt³"),
      ("CONIN$", "_CONIN$"),
      ("console.txt", "console.txt"), ("COM10", "COM10"), (".htaccess", "_.htaccess"),
      ("-rf", "_-rf"), ("~a", "_~a"),
      ("NUL.", "_NUL"),
    ] as [(String, String)])
  func writesNames(_ sent: String, _ stored: String) {
    #expect(FileName(sent).onDisk == stored)
  }

  @Test(
    "an ending is what is behind the last dot",
    arguments: [
      ("a.PNG", "png"), ("a.tar.gz", "gz"), ("a", nil), (".bashrc", "bashrc"),
    ] as [(String, String?)])
  func tellsEndings(_ sent: String, _ ending: String?) {
    #expect(FileName(sent).ending == ending)
  }

  @Test("U06 whatever the name, all its forms are safe")
  func isSafeForAll() {
    var random = TestGenerator()
    let pool: [Unicode.Scalar] = [
      "/", "\\", ".", " ", "\0", "\r", "\n", "\"", "%", "a", "C", "O", "N", ":", "ж", "\u{301}",
      "\u{202E}", "\u{200D}",
      "\u{1F468}", "\u{FFFF}", "\u{E0067}", "\u{AC00}", "'", "*", "-", "\u{2028}", "\u{A0}",
      "\u{200B}", ";", "<",
    ]
    for _ in 0..<3000 {
      let scalars = (0..<random.int(0...400)).map { _ in random.pick(pool) }
      let name = FileName(String(String.UnicodeScalarView(scalars)))
      for text in [name.text, name.onDisk] {
        #expect((1...255).contains(text.utf8.count))
        #expect(
          !text.unicodeScalars.contains {
            "/\\\0\r\n\u{202E}\u{2028}\u{FFFF}".unicodeScalars.contains($0)
          })
        #expect(text != "." && text != ".." && text.last != "." && text.first != " ")
      }
      // To clean what is clean changes nothing.
      #expect(FileName(name.text) == name)
      for value in [
        ContentDisposition.inline.value(for: name), ContentDisposition.attachment.value(for: name),
      ] {
        #expect(value.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        let parsed = ParameterizedValue(Array(value.utf8)[...])
        #expect(parsed?.isAmbiguous == false)
        #expect((parsed?.parameters.count ?? 0) <= 2)
        #expect(readBack(value) == name.onDisk)
      }
      #expect(
        name.pathSegment.utf8.allSatisfy { ASCII.isLetterOrDigit($0) || "-._~%".utf8.contains($0) })
    }
  }

  /// The name as a client reads it.
  private func readBack(_ value: String) -> String? {
    guard let parsed = ParameterizedValue(Array(value.utf8)[...]) else { return nil }
    if let extended = parsed.parameter("filename*") {
      return TransmittedText.extendedValue(extended)
    }
    return parsed.parameter("filename").map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(
    "H12 U07 the header field says the name twice where ASCII is not enough",
    arguments: [
      ("kot.png", #"attachment; filename="kot.png""#),
      (
        "Кот 1.png",
        #"attachment; filename="___ 1.png"; filename*=UTF-8''%D0%9A%D0%BE%D1%82%201.png"#
      ),
      ("100%.txt", #"attachment; filename="100_.txt"; filename*=UTF-8''100%25.txt"#),
      ("a'b(c).txt", #"attachment; filename="a'b(c).txt""#),
      ("a\"; filename=\"b.exe", #"attachment; filename="a_; filename=_b.exe""#),
      ("a\r\nX: y", #"attachment; filename="a X_ y""#),
    ] as [(String, String)])
  func writesDispositions(_ sent: String, _ value: String) {
    #expect(ContentDisposition.attachment.value(for: FileName(sent)) == value)
  }

  @Test("a name in an address has only what needs no encoding there")
  func writesSegments() {
    #expect(FileName("Кот 1+2?.png").pathSegment == "%D0%9A%D0%BE%D1%82%201%2B2%3F.png")
  }
}

extension String {
  /// Its first character in NFC.
  fileprivate var precomposedCharacter: Character? { FileName(self).text.first }
}
