// Encoding and decoding stored messages, without any server.

import ArchiveCore
import Glibc
import MongoDriver
import MongoStore

/// What BSON costs a message: the writer alone, and the way from and to the document that the log knows.
struct CodecLoad {
  let file: String
  /// How often a message is encoded, and decoded, in all.
  let messages: Int

  func run() throws {
    let stored = try read()
    let documents = try stored.map { bson in try StoredForm.decode(bson) }
    // The strings in the order in which they are stored, and nothing left to be done but to write them.
    let texts = try stored.map { bson in
      try bson.elements().compactMap { field in field.value.asString.map { (field.name, $0) } }
    }
    try measure("writer", texts, stored) { fields, size in
      BSONDocument(reservingBytes: size) { writer in
        writer.append("schema-version", Int32(1))
        for (name, text) in fields { writer.append(name, text) }
      }.bytes.count
    }
    try measure("document to BSON", documents, stored) { document, _ in
      StoredForm.encode(document).bytes.count
    }
    try measure("BSON to document", stored, stored) { bson, _ in
      _ = try StoredForm.decode(bson)
      return bson.bytes.count
    }
  }

  /// Every way gives as many bytes as are stored.
  private func measure<Item>(
    _ name: String, _ items: [Item], _ stored: [BSONDocument],
    _ work: (Item, Int) throws -> Int
  ) throws {
    let sizes = stored.map(\.bytes.count)
    var (done, bytes, expected) = (0, 0, 0)
    let gauge = Gauge()
    while done < messages {
      for index in items.indices {
        bytes += try work(items[index], sizes[index])
        expected += sizes[index]
      }
      done += items.count
    }
    let line = gauge.line(name, count: done)
    guard bytes == expected else { throw BenchError("\(name) gives other bytes") }
    print(line)
  }

  /// The documents of the file; each says in front how long it is.
  private func read() throws -> [BSONDocument] {
    guard let opened = fopen(file, "r") else { throw BenchError("cannot open \(file)") }
    defer { fclose(opened) }
    var documents: [BSONDocument] = []
    var head = [UInt8](repeating: 0, count: 4)
    while documents.count < 1000, fread(&head, 1, 4, opened) == 4 {
      let length = head.reversed().reduce(0) { $0 << 8 | Int($1) }
      guard (5...BSONDocument.sizeLimitBytes).contains(length) else {
        throw BenchError("\(file) is damaged")
      }
      var rest = [UInt8](repeating: 0, count: length - 4)
      guard fread(&rest, 1, rest.count, opened) == rest.count else {
        throw BenchError("\(file) is cut off")
      }
      documents.append(try BSONDocument(checking: head + rest))
    }
    guard !documents.isEmpty else { throw BenchError("\(file) is empty") }
    return documents
  }
}
