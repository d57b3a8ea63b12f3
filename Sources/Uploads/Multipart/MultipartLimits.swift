// How much a multipart body may ask of memory.

/// The limits of one body. What its parts hold is not limited here: whoever takes the bytes counts them.
package struct MultipartLimits: Sendable, Equatable {
  /// Parts of one body.
  package var parts = 64
  /// The header fields of one part, with their line ends. Room for the longest name of a file in percent-encoding.
  package var headerBytes = 16 << 10
  /// Header fields of one part; three are in use.
  package var headerFields = 16
  /// What may stand before the first delimiter. RFC 2046 lets anything stand there and nobody sends it, so a body with
  /// another boundary than announced is refused early.
  package var preambleBytes = 1 << 10
  /// What may stand behind the last delimiter.
  package var epilogueBytes = 64 << 10

  package init() {}
}
