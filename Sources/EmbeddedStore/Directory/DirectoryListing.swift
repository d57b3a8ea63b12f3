// Lists a tree of folders in the order of whole keys, a page at a time.

import ArchiveCore

/// One page of a list in the making.
///
/// Keys are ordered by the bytes of the whole key, folders are not: `a-b` comes before `a/b`, since
/// `-` is less than `/`. Ordering the entries of a folder as if each folder's name ended in `/`
/// gives the order of whole keys, because all keys in a folder begin with exactly that.
///
/// A page opens only the folders that can hold its keys, and keeps at most twice `entryLimit`
/// entries of each; but it reads the names of a folder in full, since no file system sorts them.
struct DirectoryListing {
  private static let entryLimit = 1024

  private let prefix: String
  private let after: String?
  private let limit: Int
  private var found: [ObjectInfo] = []

  static func page(
    of tree: DirectoryTree, prefix: String, after: ObjectKey?, limit: Int
  ) throws(SystemFailure) -> [ObjectInfo] {
    var listing = DirectoryListing(prefix: prefix, after: after?.description, limit: limit)
    // Starts at the deepest folder that the prefix names.
    var (folder, path) = (tree.root, "")
    for segment in prefix.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      do throws(SystemFailure) {
        folder = try folder.openFolder(String(segment))
      } catch  where error.meansNothingThere {
        return []
      }
      path += segment + "/"
    }
    try listing.walk(folder, path)
    return listing.found
  }

  private init(prefix: String, after: String?, limit: Int) {
    (self.prefix, self.after, self.limit) = (prefix, after, limit)
  }

  private mutating func walk(_ folder: FileDescriptor, _ path: String) throws(SystemFailure) {
    var done: String?
    repeat {
      let (entries, isCut) = try self.entries(of: folder, path, behind: done)
      for entry in entries {
        guard found.count < limit else { return }
        try take(entry, of: folder)
      }
      done = isCut ? entries.last?.sortedAs : nil
    } while done != nil
  }

  private mutating func take(_ entry: Entry, of folder: FileDescriptor) throws(SystemFailure) {
    do throws(SystemFailure) {
      if entry.isFolder {
        try walk(try folder.openFolder(entry.name), entry.sortedAs)
      } else {
        let status = try folder.status(of: entry.name)
        guard status.isFile, let key = ObjectKey(entry.sortedAs) else { return }
        found.append(ObjectInfo(key, status))
      }
    } catch  where error.meansNothingThere {
      return  // Deleted while we were listing.
    }
  }

  /// A folder's entry with the text by which it is ordered: its key, or what its keys begin with.
  private struct Entry {
    let name: String
    let sortedAs: String
    let isFolder: Bool
  }

  /// The first entries behind `done`, in order, and whether there may be more.
  private func entries(of folder: FileDescriptor, _ path: String, behind done: String?)
    throws(SystemFailure) -> (entries: [Entry], isCut: Bool)
  {
    var entries: [Entry] = []
    var isCut = false
    try folder.forEachEntry { (raw) throws(SystemFailure) in
      guard let isFolder = try isFolder(raw, in: folder) else { return }
      let sortedAs = path + raw.name + (isFolder ? "/" : "")
      guard isWanted(sortedAs, isFolder: isFolder), done.map({ sortedAs > $0 }) ?? true else {
        return
      }
      entries.append(Entry(name: raw.name, sortedAs: sortedAs, isFolder: isFolder))
      if entries.count >= 2 * Self.entryLimit {
        entries = Array(Self.ordered(entries).prefix(Self.entryLimit))
        isCut = true
      }
    }
    // Behind the limit there are gaps as soon as something was cut; only the first ones are all.
    let first = Self.ordered(entries).prefix(isCut ? Self.entryLimit : entries.count)
    return (Array(first), isCut)
  }

  /// In order and each once: some file systems show a name twice when it is replaced meanwhile.
  private static func ordered(_ entries: [Entry]) -> [Entry] {
    var result: [Entry] = []
    for entry in entries.sorted(by: { $0.sortedAs < $1.sortedAs })
    where entry.sortedAs != result.last?.sortedAs { result.append(entry) }
    return result
  }

  /// `nil` for what is neither an object nor a folder.
  private func isFolder(_ entry: FolderEntry, in folder: FileDescriptor) throws(SystemFailure)
    -> Bool?
  {
    switch entry.kind {
    case .file: return false
    case .folder: return true
    case .foreign: return nil
    case .unknown:
      do throws(SystemFailure) {
        let status = try folder.status(of: entry.name)
        return status.isFile ? false : status.isFolder ? true : nil
      } catch  where error.meansNothingThere {
        return nil
      }
    }
  }

  private func isWanted(_ text: String, isFolder: Bool) -> Bool {
    // A key has at most 1,024 bytes; below a longer path there are none, however deep it goes.
    guard text.utf8.count <= 1024 else { return false }
    guard text.hasPrefix(prefix) || (isFolder && prefix.hasPrefix(text)) else { return false }
    guard let after else { return true }
    return text > after || (isFolder && after.hasPrefix(text))
  }
}
