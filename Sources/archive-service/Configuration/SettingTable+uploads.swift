// The rows of the table that concern files.

import ArchiveService

extension SettingTable {
  static let uploads: [SettingKey] = [
    .size(
      "uploads.maxBytes", \.service.uploads.maxBytes, 1 << 10...64 << 30, "The largest file."),
    .size(
      "uploads.quotaBytes", \.service.uploads.quotaBytes, 1 << 10...1 << 50,
      "What all files of one user may take together."),
    .number(
      "uploads.filesPerMessage", \.service.uploads.filesPerMessage, 1...100,
      "Files of one message."),
    .number(
      "uploads.atOnce", \.service.uploads.atOnceLimit, 1...10_000,
      "Files that may come in at once; each takes some MiB of memory on its way to the store."),
    .number(
      "uploads.atOncePerUser", \.service.uploads.atOncePerUser, 1...10_000,
      "The same for one user."),
    .duration(
      "uploads.unusedLifetime", \.service.uploads.unusedLifetime, .seconds(60)...day * 365,
      "A file that no message uses goes after that time, and an upload that nobody went on with."),
    .number(
      "uploads.unfinished", \.service.uploads.unfinishedLimit, 1...100_000,
      "Resumable uploads that one user may have begun."),
    .duration(
      "uploads.orphanGrace", \.service.uploads.orphanGrace, .seconds(60)...day * 365,
      "An object of a file or an upload that nothing knows of is deleted when it is that old."),
    .duration(
      "uploads.careInterval", \.service.uploads.careInterval, .milliseconds(100)...day,
      "How often it is looked for files that should go."),
    .duration(
      "uploads.stallDeadline", \.service.uploads.stallDeadline, .milliseconds(100)...hour,
      "A client that sends less than 16 KiB of a file in that time is cut off."),
  ]
}
