// What every answer of S3 is asked first: whether it answers this question.

extension XMLElement {
  /// The root of a good answer, in which the element `root` is expected.
  ///
  /// An `Error` document inside a success (CompleteMultipartUpload, CopyObject) is thrown as the error it is.
  static func answer(
    _ body: [UInt8], root: String, limits: XMLLimits
  ) throws(S3Error) -> XMLElement {
    let element: XMLElement
    do {
      element = try XMLReading.document(body, limits: limits)
    } catch {
      throw S3Error(
        .badAnswer, "the answer is not the XML of S3 expected=`\(root)`", cause: error)
    }
    if let document = S3ErrorDocument(element) { throw S3Error(answer: 200, document: document) }
    guard element.name == root else {
      throw S3Error(
        .badAnswer,
        "the answer is to another question expected=`\(root)` root=`\(S3Error.shown(element.name))`"
      )
    }
    return element
  }

  func required(_ name: String) throws(S3Error) -> String {
    guard let text = filled(name) else {
      throw S3Error(.badAnswer, "the answer lacks an element in=`\(self.name)` missing=`\(name)`")
    }
    return text
  }

  /// A whole number that is not negative.
  func requiredCount(_ name: String) throws(S3Error) -> Int64 {
    guard let count = Int64(try required(name)), count >= 0 else {
      throw S3Error(.badAnswer, "the answer has no number in=`\(self.name)` element=`\(name)`")
    }
    return count
  }

  func isTrue(_ name: String) -> Bool { text(of: name)?.lowercased() == "true" }

  /// A key or prefix, decoded where the list says that it is encoded.
  func name(_ child: String, encoding: S3ListEncoding) throws(S3Error) -> String {
    let text = try required(child)
    switch encoding {
    case .none: return text
    case .url:
      guard let name = PercentEncoding.decodeForm(text) else {
        throw S3Error(.badAnswer, "the answer has a key that cannot be decoded in=`\(self.name)`")
      }
      return name
    }
  }
}

/// How a list writes its keys: the server says so, since some do not know `encoding-type`.
enum S3ListEncoding {
  case none, url

  init(_ list: XMLElement) {
    self = list.text(of: "EncodingType")?.lowercased() == "url" ? .url : .none
  }
}
