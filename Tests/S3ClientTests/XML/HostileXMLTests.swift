// XML made to harm whoever reads it.

import ArchiveTesting
import Foundation
import Testing

@testable import S3Client

struct HostileXMLTests {
  private func failure(_ bytes: [UInt8], limits: XMLLimits = .init()) -> XMLFailure.Kind? {
    do {
      _ = try XMLReading.document(bytes, limits: limits)
      return nil
    } catch {
      return error.kind
    }
  }

  private func failure(_ text: String) -> XMLFailure.Kind? { failure(Array(text.utf8)) }

  /// What libxml2's reader alone makes of a text, without the look at the beginning of it.
  private func readerFailure(_ text: String) -> XMLFailure.Kind? {
    do {
      try XMLPullReader.read(Array(text.utf8), limits: .init()) { reader throws(XMLFailure) in
        while try reader.next() != nil {}
      }
      return nil
    } catch {
      return error.kind
    }
  }

  private static let laughs: String = {
    var text = "<!DOCTYPE lolz [<!ENTITY lol0 \"lol\">"
    for level in 1...9 {
      let inner = String(repeating: "&lol\(level - 1);", count: 10)
      text += "<!ENTITY lol\(level) \"\(inner)\">"
    }
    return text + "]><lolz>&lol9;</lolz>"
  }()

  private static let parameterLaughs: String = {
    var text = "<!DOCTYPE lolz [<!ENTITY % a0 \"<!-- xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx -->\">"
    for level in 1...9 {
      let inner = String(repeating: "&#37;a\(level - 1);", count: 10)
      text += "<!ENTITY % a\(level) \"\(inner)\">"
    }
    return text + "%a9;]><lolz/>"
  }()

  @Test func `S10 a billion laughs are refused`() {
    for text in [Self.laughs, Self.parameterLaughs] {
      #expect(failure(text) == .forbidden)
      #expect(failure("<?xml version=\"1.0\"?>\n<!-- c -->\n" + text) == .forbidden)
    }
    #expect(readerFailure(Self.laughs) != nil)
    // The second kind never comes to the second wall: libxml2 2.9.14 expands parameter entities for minutes before
    // it shows the document type to anybody. It is why there is a first wall.
  }

  @Test(arguments: [
    "<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ELEMENT a ANY>]><a/>",
    "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x.dtd\"><a/>",
    "<!DOCTYPE a PUBLIC \"p\" \"x.dtd\"><a/>",
    "<!DOCTYPE a [<!ATTLIST a b CDATA \"c\">]><a/>",
  ])
  func `S10 a document type is refused, by each of two walls`(text: String) {
    #expect(failure(text) == .forbidden)
    #expect(readerFailure(text) == .forbidden)
  }

  @Test func `S10 an external entity is not read`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "xxe-\(UUID()).txt")
    try Data("the secret".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let text = """
      <!DOCTYPE a [<!ENTITY e SYSTEM "\(file.absoluteString)">]><a>&e;</a>
      """
    #expect(failure(text) == .forbidden)
    var seen = ""
    // The second wall: were the document type let through, its entity still would not be.
    try? XMLPullReader.read(Array(text.utf8), limits: .init()) { reader throws(XMLFailure) in
      while true {
        do throws(XMLFailure) {
          guard let event = try reader.next() else { return }
          seen += "\(event)"
        } catch {
          if error.kind == .malformed { return }
        }
      }
    }
    #expect(!seen.contains("secret"))
  }

  @Test(arguments: ["<a>&b;</a>", "<a>&lt</a>", "<a b=\"&c;\"/>", "<a>&#0;</a>", "<a>&#xD800;</a>"])
  func `S10 entities but the five of XML are refused`(text: String) {
    #expect(failure(text) != nil)
  }

  @Test func `S10 deep nesting is refused`() {
    for depth in [33, 257, 100_000] {
      #expect(failure(String(repeating: "<a>", count: depth)) == .tooLarge)
    }
    let fits = String(repeating: "<a>", count: 32) + String(repeating: "</a>", count: 32)
    #expect(failure(fits) == nil)
  }

  @Test func `S10 a body of 100 MB is refused by its size`() {
    #expect(failure([UInt8](repeating: UInt8(ascii: "<"), count: 100_000_000)) == .tooLarge)
  }

  @Test func `S10 elements, text and attributes have limits`() {
    var limits = XMLLimits()
    limits.elements = 3
    #expect(failure(Array("<a><b/><b/></a>".utf8), limits: limits) == nil)
    #expect(failure(Array("<a><b/><b/><b/></a>".utf8), limits: limits) == .tooLarge)
    limits = XMLLimits()
    limits.textBytes = 4
    #expect(failure(Array("<a>1234</a>".utf8), limits: limits) == nil)
    #expect(failure(Array("<a>12345</a>".utf8), limits: limits) == .tooLarge)
    #expect(failure(Array("<a>123<!-- -->45</a>".utf8), limits: limits) == .tooLarge)
    #expect(
      failure(Array("<a><![CDATA[123]]><![CDATA[45]]></a>".utf8), limits: limits) == .tooLarge)
    limits = XMLLimits()
    limits.attributes = 2
    #expect(failure(Array("<a b='' xmlns='c'/>".utf8), limits: limits) == nil)
    #expect(failure(Array("<a b='' c='' xmlns='d'/>".utf8), limits: limits) == .tooLarge)
    #expect(failure("<\(String(repeating: "n", count: 2000))/>") == .tooLarge)
  }

  @Test func `S10 NUL bytes are refused wherever they stand`() {
    for text in ["\u{0}<a/>", "<a>\u{0}</a>", "<a/>\u{0}", "<a/>\u{0}<b>", "<a\u{0}/>", "\u{0}"] {
      #expect(failure(text) == .malformed)
    }
  }

  @Test(
    arguments: [
      [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0x01],
      [0xEF, 0xBF, 0xBF],
    ] as [[UInt8]])
  func `S10 text that is not UTF-8 or not of XML is refused`(bytes: [UInt8]) {
    #expect(failure(Array("<a>".utf8) + bytes + Array("</a>".utf8)) == .malformed)
  }

  @Test func `S10 only UTF-8 is read, whatever the document says of itself`() {
    let text = "<?xml version=\"1.0\"?><a>x</a>"
    var (little, big): ([UInt8], [UInt8]) = ([0xFF, 0xFE], [0xFE, 0xFF])
    for unit in text.utf16 {
      little += [UInt8(unit & 0xFF), UInt8(unit >> 8)]
      big += [UInt8(unit >> 8), UInt8(unit & 0xFF)]
    }
    for bytes in [little, big, Array(little.dropFirst(2))] {
      #expect(failure(bytes) == .malformed)
    }
    let latin = Array("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>".utf8)
    #expect(failure(latin + [0xE4] + Array("</a>".utf8)) == .malformed)
    // UTF-7 would hide a document type from the first wall.
    let utf7 = "<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADwAIQ-DOCTYPE a><a/>"
    #expect(failure(utf7) == .malformed)
  }

  @Test func `a byte order mark and a declared encoding of UTF-8 are taken`() throws {
    let text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a>ä<![CDATA[<!DOCTYPE]]></a>\n"
    let root = try XMLReading.document([0xEF, 0xBB, 0xBF] + Array(text.utf8))
    #expect(root.text == "ä<!DOCTYPE")
  }

  @Test(arguments: [
    "", " ", "<", "<!", "<?", "<?xml", "<!--", "<!-- -->", "text", "<a>", "</a>", "<a></b>",
    "<a/><b/>",
    "<a/>x", "<a b/>", "<a b=c/>", "<a b='' b=''/>", "<a><b></a></b>", "<a x:b=''/>x",
  ])
  func `S10 what is not one whole element is refused`(text: String) {
    #expect(failure(text) != nil)
  }

  @Test func `S10 a list cut off at any byte is an error`() {
    let whole = ListSample.page
    #expect(throws: Never.self) { try S3ListPage(body: whole) }
    for count in 0..<whole.count {
      do {
        let page = try S3ListPage(body: Array(whole.prefix(count)))
        Issue.record("taken with \(count) bytes: \(page)")
      } catch {
        #expect(error.kind == .badAnswer)
      }
    }
  }

  @Test func `S10 ten thousand damaged lists are read or refused`() {
    var random = SeededGenerator.fromEnvironment("ten thousand damaged lists")
    var (read, refused) = (0, 0)
    for _ in 1...10_000 {
      do {
        let page = try S3ListPage(body: ListSample.damaged(&random))
        #expect(page.objects.allSatisfy { $0.sizeBytes >= 0 && !$0.key.isEmpty })
        #expect(!page.isTruncated || page.nextToken != nil)
        read += 1
      } catch {
        #expect(error.kind == .badAnswer)
        refused += 1
      }
    }
    // Both roads were walked.
    #expect(read > 100 && refused > 100)
  }
}
