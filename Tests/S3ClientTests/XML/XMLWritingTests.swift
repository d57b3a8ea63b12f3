// The bodies that are sent as XML, read again.

import S3Client
import Testing

struct XMLWritingTests {
  @Test func `keys of a batch come back as they were, line ends and quotes included`() throws {
    let keys = oddKeys.filter {
      !$0.unicodeScalars.contains { $0 == "\u{0}" || $0 == "\u{1}" || $0 == "\u{FFFF}" }
    }
    #expect(keys.count > 15)
    let root = try XMLReading.document(XMLWriting.delete(keys))
    #expect(root.name == "Delete" && root.text(of: "Quiet") == "true")
    let written = root.children(named: "Object").map { $0.text(of: "Key") ?? "" }
    #expect(written.map { Array($0.utf8) } == keys.map { Array($0.utf8) })
  }

  @Test(arguments: ["a\u{0}", "\u{1}", "\u{1F}", "\u{B}", "\u{FFFE}", "x\u{FFFF}y"])
  func `a character that XML cannot carry is refused, not dropped`(key: String) {
    do {
      _ = try XMLWriting.delete(["good", key])
      Issue.record("written")
    } catch {
      #expect(error.kind == .invalidRequest)
    }
  }

  @Test func `parts and regions are written as AWS documents them`() throws {
    let parts = [S3Part(number: 1, etag: "\"a\""), S3Part(number: 2, etag: "b")]
    #expect(
      String(decoding: try XMLWriting.completeMultipartUpload(parts), as: UTF8.self)
        == "<?xml version=\"1.0\" encoding=\"UTF-8\"?><CompleteMultipartUpload "
        + "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Part><PartNumber>1</PartNumber>"
        + "<ETag>&quot;a&quot;</ETag></Part><Part><PartNumber>2</PartNumber><ETag>b</ETag></Part>"
        + "</CompleteMultipartUpload>")
    let body = try XMLReading.document(XMLWriting.createBucketConfiguration(region: "eu-west-1"))
    #expect(body.text(of: "LocationConstraint") == "eu-west-1")
  }
}
