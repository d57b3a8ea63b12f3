// A list as servers send it, whole and damaged.

import ArchiveTesting

enum ListSample {
  static let page = Array(
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>\
    <Prefix>a%2F</Prefix><Delimiter>%2F</Delimiter><MaxKeys>2</MaxKeys>\
    <EncodingType>url</EncodingType><KeyCount>3</KeyCount><IsTruncated>true</IsTruncated>\
    <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>\
    <Contents><Key>a%2Fb+c%2B%C3%A4</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>\
    <ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>434234</Size>\
    <StorageClass>STANDARD</StorageClass><Owner><ID>x</ID><DisplayName>y</DisplayName></Owner>\
    </Contents><Contents><Key>a%2F0</Key><Size>0</Size></Contents>\
    <CommonPrefixes><Prefix>a%2Fd%20e%2F</Prefix></CommonPrefixes></ListBucketResult>
    """.utf8)

  /// One to three bytes changed, taken out, doubled, or a piece moved elsewhere.
  static func damaged(_ random: inout SeededGenerator) -> [UInt8] {
    var bytes = page
    for _ in 1...random.int(1...3) {
      let place = random.int(0...bytes.count - 1)
      switch random.int(0...4) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes[place] = random.pick(Array("<>&;/\"'=! []%0a".utf8))
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(bytes[place], at: place)
      default:
        let piece = Array(bytes[place..<min(bytes.count, place + random.int(1...60))])
        bytes.insert(contentsOf: piece, at: random.int(0...bytes.count - 1))
      }
    }
    return bytes
  }
}
