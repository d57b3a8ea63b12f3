// The rows of the table that concern previews and thumbnails.

import ArchiveService

extension SettingTable {
  static let pictures: [SettingKey] = [
    .text(
      "pictures.program", \.pictures.program,
      allowed: "the name or the path of vipsthumbnail (Debian's libvips-tools), or off",
      "Makes previews and thumbnails; without it there are none."),
    .size(
      "pictures.memory", \.pictures.memoryBytes, 256 << 20...16 << 30,
      "What the making of one may take; an image that needs more has none."),
    .duration(
      "pictures.timeout", \.pictures.timeout, .seconds(1)...hour,
      "An image that takes longer has none."),
    .size(
      "pictures.sourceLimit", \.service.pictures.sourceLimitBytes, 1 << 10...1 << 30,
      "Of larger files there are none."),
    .number(
      "pictures.pixelLimit", \.service.pictures.pixelLimit, 1_000...1_000_000_000,
      "Of images with more pixels there are none."),
    .number(
      "pictures.atOnce", \.service.pictures.atOnce, 1...64,
      "How many are made at once on each node."),
  ]
}
