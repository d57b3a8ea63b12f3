// What an operator says about the program that makes pictures.

import ArchiveCore

/// The settings `pictures.…` that concern this machine.
struct PictureSettings: Sendable {
  /// A name, a path, or `off`.
  var program = VipsPictures.program
  /// Of address space, for each.
  var memoryBytes = 1 << 30
  var timeout = Duration.seconds(20)
}
