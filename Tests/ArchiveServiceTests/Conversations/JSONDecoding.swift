// JSON texts as the inputs of use cases.

import Foundation

enum JSONDecoding {
  static func value<Value: Decodable>(_ text: String, as _: Value.Type) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(text.utf8))
  }
}
