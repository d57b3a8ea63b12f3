// Hands the bytes that libFuzzer makes to one parser: archive-fuzz TARGET [libFuzzer's arguments].

import CFuzzer

/// What a target does with one input. It must return, whatever the bytes; a trap or a finding of the sanitizer ends the run.
typealias FuzzTarget = @Sendable ([UInt8]) -> Void

@main
enum Fuzz {
  private static let targets: [String: FuzzTarget] = [
    "frames": fuzzFrames, "media": fuzzMedia, "multipart": fuzzMultipart,
    "realtime": fuzzRealtime, "s3xml": fuzzS3XML,
  ]

  /// Set once, before libFuzzer calls.
  nonisolated(unsafe) fileprivate static var target: FuzzTarget?

  static func main() {
    guard CommandLine.arguments.count > 1, let chosen = targets[CommandLine.arguments[1]] else {
      print("usage: archive-fuzz \(targets.keys.sorted().joined(separator: "|")) [arguments]")
      return
    }
    target = chosen
    // libFuzzer gets all arguments but the name of the target.
    var count = CommandLine.argc - 1
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
      CommandLine.unsafeArgv.advanced(by: 1)
    _ = LLVMFuzzerRunDriver(&count, &arguments, runOne)
  }
}

/// Called by libFuzzer with an input that is its own for the time of the call. The name is the one that its runtime
/// links with, although it is handed the function.
@_cdecl("LLVMFuzzerTestOneInput")
public func runOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  Fuzz.target?(Array(UnsafeBufferPointer(start: data, count: size)))
  return 0
}
