// Names of files in all the ways that clients write them.

import Testing

@testable import Uploads

@Suite struct MultipartNameTests {
  private func filename(_ parameters: String) throws -> String? {
    let form = try ParsedForm(part("name=\"file\"\(parameters)", "1") + "--b--")
    return form.parts.first?.header.filename
  }

  @Test(
    "U07 a name comes out as its sender meant it",
    arguments: [
      // Browsers: UTF-8 as it is, quotes and line ends as three percent-encodings and nothing else so.
      (#"; filename="kot.png""#, "kot.png"), (#"; filename="Кот и пёс.png""#, "Кот и пёс.png"),
      (#"; filename="say %22hi%22.txt""#, #"say "hi".txt"#),
      (#"; filename="100%25.txt""#, "100%25.txt"),
      (#"; filename="a%0D%0Ab%0d%0a""#, "a\r\nb\r\n"), (#"; filename="%""#, "%"),
      (#"; filename="a%2""#, "a%2"),
      // curl and mail libraries: backslashes before quotes and backslashes.
      (#"; filename="say \"hi\".txt""#, #"say "hi".txt"#), (#"; filename="a\\b""#, #"a\b"#),
      (#"; filename="\"\\\"""#, #""\""#),
      // Internet Explorer: a path as it is.
      (#"; filename="C:\new\table.txt""#, #"C:\new\table.txt"#),
      // Without quotes, with semicolons and equals signs inside of them.
      ("; filename=kot.png", "kot.png"), (#"; filename="a;b=c; filename=d""#, "a;b=c; filename=d"),
      ("; FileName = kot.png ;", "kot.png"), (#";filename="""#, ""),
      // RFC 8187; it wins over the plain one where it can be read.
      ("; filename*=UTF-8''%D0%9A%D0%BE%D1%82.png", "Кот.png"),
      ("; filename*=utf-8'en'a%20b", "a b"),
      (#"; filename="x"; filename*=UTF-8''y"#, "y"), (#"; filename*=UTF-8''y; filename="x""#, "y"),
      ("; filename*=ISO-8859-1''%E9.txt", "é.txt"), (#"; filename*="UTF-8''%41""#, "A"),
      (#"; filename="x"; filename*=UTF-8''%E9"#, "x"),
      (#"; filename="x"; filename*=UTF-8''%4"#, "x"),
      (#"; filename="x"; filename*=EBCDIC''y"#, "x"), (#"; filename="x"; filename*=y"#, "x"),
      ("; filename*=UTF-8''%FF", ""),
      // RFC 2047, from mail libraries.
      (#"; filename="=?UTF-8?B?0JrQvtGCLnBuZw==?=""#, "Кот.png"),
      (#"; filename="=?utf-8?q?a_b=2Etxt?=""#, "a b.txt"),
      (#"; filename="=?windows-1251?Q?=CA=EE=F2?= =?KOI8-R?Q?=CB=CF=D4?=""#, "Коткот"),
      (#"; filename="=?iso-8859-1*fr?Q?=E9?=""#, "é"),
      (#"; filename="=?UTF-8?B?*?=""#, "=?UTF-8?B?*?="), (#"; filename="=?x""#, "=?x"),
      (#"; filename="=?UTF-8?Q?a?= b""#, "=?UTF-8?Q?a?= b"),
      (#"; filename="=?UTF-8?B?/w==?=""#, "=?UTF-8?B?/w==?="),
    ] as [(String, String)])
  func readsNames(_ parameters: String, _ name: String) throws {
    #expect(try filename(parameters) == name)
  }

  @Test("U07 a name that is not UTF-8 is read as Windows-1252")
  func readsOldNames() throws {
    let head = Array("--b\r\nContent-Disposition: form-data; name=a; filename=\"".utf8)
    let body = head + [0xE9, 0x2E, 0x80, 0x81] + Array("\"\r\n\r\n1\r\n--b--".utf8)
    #expect(try ParsedForm(body, boundary: "b").parts.first?.header.filename == "é.€\u{81}")
  }

  @Test("a field has no filename, an empty file input an empty one")
  func tellsFilesFromFields() throws {
    #expect(try filename("") == nil)
    #expect(try filename(#"; filename="""#) == "")
  }

  @Test("the name of a field is read like that of a file")
  func readsFieldNames() throws {
    let form = try ParsedForm(part(#"name="a%22b""#, "") + "--b--")
    #expect(form.parts.first?.header.name == "a\"b")
  }

  @Test("every byte has a meaning in the charsets of old, and letters the right one")
  func decodesCharsets() throws {
    let all = Array(UInt8.min...UInt8.max)
    for charset in [LegacyCharset.windows1252, .windows1251, .koi8R] {
      #expect(charset.decode(all)?.unicodeScalars.count == 256)
    }
    #expect(LegacyCharset.windows1251.decode([0xA8, 0xB8, 0xC0, 0xFF, 0x88]) == "ЁёАя€")
    #expect(LegacyCharset.koi8R.decode([0xB3, 0xA3, 0xE1, 0xD1]) == "ЁёАя")
    #expect(LegacyCharset.windows1252.decode([0x80, 0x99, 0xFF]) == "€™ÿ")
    #expect(LegacyCharset.utf8.decode([0xC0, 0x80]) == nil)
    #expect(LegacyCharset.utf8.decode([0xED, 0xA0, 0x80]) == nil)
  }
}
