// How what is about files is put together.

/// The parts of the service that know files, made once.
struct FileParts: Sendable {
  let files: Files
  let handlers: FileHandlers
  let resumable: TusHandlers
  let attach: AttachFiles
  /// To be run in the background.
  let care: FileCare

  init(_ files: Files) {
    self.files = files
    let (slots, remove) = (UploadSlots(settings: files.settings), RemoveFile(files: files))
    let complete = CompleteUpload(files: files)
    handlers = FileHandlers(
      files: files, upload: UploadFile(files: files, slots: slots), remove: remove)
    resumable = TusHandlers(
      files: files, slots: slots, receive: ReceivePieces(files: files), complete: complete)
    attach = AttachFiles(files: files, remove: remove)
    care = FileCare(files: files, remove: remove, complete: complete)
  }
}
