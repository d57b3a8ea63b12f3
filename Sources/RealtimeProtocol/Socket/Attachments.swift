// Puts bytes where placeholders stand for them.

/// Placeholders `{"_placeholder":true,"num":0}` in the JSON of a packet with attachments.
enum Attachments {
  /// Every placeholder names an attachment that will come, and no two name the same: one attachment would else become
  /// thousands where what came is sent on.
  static func check(_ value: JSONValue, count: Int) throws(SocketPacketError) {
    var isNamed = [Bool](repeating: false, count: count)
    try check(value, &isNamed)
  }

  private static func check(_ value: JSONValue, _ isNamed: inout [Bool]) throws(SocketPacketError) {
    switch value {
    case .array(let elements):
      for element in elements { try check(element, &isNamed) }
    case .object(let object):
      if isPlaceholder(object) {
        guard let index = number(object, count: isNamed.count), !isNamed[index] else {
          throw .placeholder
        }
        isNamed[index] = true
        return
      }
      for field in object.fields { try check(field.value, &isNamed) }
    default: break
    }
  }

  /// The value with the bytes in it. What ``check(_:count:)`` let pass has no placeholder left.
  static func placed(_ attachments: [[UInt8]], in value: JSONValue) -> JSONValue {
    switch value {
    case .array(let elements): return .array(elements.map { placed(attachments, in: $0) })
    case .object(var object):
      if isPlaceholder(object) {
        return number(object, count: attachments.count).map { .binary(attachments[$0]) } ?? .null
      }
      for index in object.fields.indices {
        object.fields[index].value = placed(attachments, in: object.fields[index].value)
      }
      return .object(object)
    default: return value
    }
  }

  private static func isPlaceholder(_ object: JSONObject) -> Bool {
    object["_placeholder"] == .bool(true)
  }

  private static func number(_ object: JSONObject, count: Int) -> Int? {
    guard case .integer(let number)? = object["num"], number >= 0, number < count else {
      return nil
    }
    return Int(number)
  }
}
