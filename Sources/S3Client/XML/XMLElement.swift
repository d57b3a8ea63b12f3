// A document of S3 in memory.

/// An element: its local name, its own text, its children. Attributes and prefixes mean nothing in S3.
package struct XMLElement: Sendable, Equatable {
  package let name: String
  /// All text directly inside, joined. Of an element with children it is the blanks between them.
  package internal(set) var text = ""
  package internal(set) var children: [XMLElement] = []

  init(name: String) { self.name = name }

  /// The first child of that name.
  package subscript(child name: String) -> XMLElement? { children.first { $0.name == name } }

  package func children(named name: String) -> [XMLElement] {
    children.filter { $0.name == name }
  }

  /// The text of the first child of that name.
  package func text(of name: String) -> String? { self[child: name]?.text }
}
