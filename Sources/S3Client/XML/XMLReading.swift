// From the bytes of an answer to a tree of elements.

/// Reads small documents of a server that need not be what it says. Pure; from any thread.
package enum XMLReading {
  /// The root element. No document type, no entity but the five of XML itself, nothing fetched, all within limits.
  package static func document(
    _ bytes: [UInt8], limits: XMLLimits = .init()
  ) throws(XMLFailure) -> XMLElement {
    guard bytes.count <= limits.bytes else {
      throw XMLFailure(.tooLarge, "the document has more bytes than limit=`\(limits.bytes)`")
    }
    try XMLProlog.check(bytes)
    return try XMLPullReader.read(bytes, limits: limits) { reader throws(XMLFailure) in
      var tree = XMLTree(limits: limits)
      while let event = try reader.next() { try tree.take(event) }
      return try tree.finished()
    }
  }
}

/// The elements that are open, from the root inwards, and how much was taken so far.
///
/// A stack and no recursion: the depth of a document is its sender's choice.
private struct XMLTree {
  let limits: XMLLimits
  private var open: [XMLElement] = []
  private var root: XMLElement?
  private var elements = 0

  init(limits: XMLLimits) { self.limits = limits }

  mutating func take(_ event: XMLEvent) throws(XMLFailure) {
    switch event {
    case .start(let name, let isEmpty):
      try start(name)
      if isEmpty { try end() }
    case .text(let text): try append(text)
    case .end: try end()
    }
  }

  func finished() throws(XMLFailure) -> XMLElement {
    guard let root, open.isEmpty else {
      throw XMLFailure(.malformed, "the document is not complete")
    }
    return root
  }

  private mutating func start(_ name: String) throws(XMLFailure) {
    elements += 1
    guard elements <= limits.elements else { throw XMLFailure(.tooLarge, "too many elements") }
    guard open.count < limits.depth else { throw XMLFailure(.tooLarge, "elements too deep") }
    open.append(XMLElement(name: name))
  }

  private mutating func append(_ text: String) throws(XMLFailure) {
    guard let last = open.indices.last else { return }
    guard open[last].text.utf8.count + text.utf8.count <= limits.textBytes else {
      throw XMLFailure(.tooLarge, "an element has too much text")
    }
    open[last].text += text
  }

  private mutating func end() throws(XMLFailure) {
    guard let element = open.popLast() else {
      throw XMLFailure(.malformed, "an element ends that did not begin")
    }
    if let parent = open.indices.last {
      open[parent].children.append(element)
    } else {
      root = element
    }
  }
}
