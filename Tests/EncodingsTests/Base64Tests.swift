// Base 64 beside RFC 4648 and Foundation.

import ArchiveTesting
import Encodings
import Foundation
import Testing

@Suite struct Base64Tests {
  @Test("the samples of RFC 4648 are written, and read back")
  func samples() {
    let samples = [
      "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=",
      "foobar": "Zm9vYmFy",
    ]
    for (text, encoded) in samples {
      let bare = encoded.prefix { $0 != "=" }
      #expect(Base64.standard.text(text.utf8) == encoded)
      #expect(Base64.standard.bytes(encoded.utf8) == Array(text.utf8))
      #expect(Base64.url.text(text.utf8) == bare)
      #expect(Base64.url.bytes(bare.utf8) == Array(text.utf8))
    }
  }

  @Test("any bytes are written as Foundation writes them, and read as the same bytes")
  func random() {
    var generator = SeededGenerator.fromEnvironment("base64")
    for count in 0..<200 {
      let bytes = (0..<count).map { _ in UInt8(generator.int(0...255)) }
      let text = Data(bytes).base64EncodedString()
      #expect(Base64.standard.text(bytes) == text)
      #expect(Base64.standard.bytes(text.utf8) == bytes)
      let safe = text.replacing("+", with: "-").replacing("/", with: "_").prefix { $0 != "=" }
      #expect(Base64.url.text(bytes) == safe)
      #expect(Base64.url.bytes(safe.utf8) == bytes)
    }
  }

  @Test(
    "what no bytes are written as is refused: padding, other characters, spare bits",
    arguments: [
      "Zg", "Zg=", "Zg===", "Zg==Zg==", "Zh==", "Zm9=", "Zm-_", "Zm9v\n", "=", "====", "Zé==",
    ]
  )
  func strict(text: String) { #expect(Base64.standard.bytes(text.utf8) == nil) }

  @Test(
    "the alphabet for URLs takes no padding, no other characters and no spare bits",
    arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm+/", "Zm9v ", "Zm9vZ"])
  func strictInURLs(text: String) { #expect(Base64.url.bytes(text.utf8) == nil) }
}
