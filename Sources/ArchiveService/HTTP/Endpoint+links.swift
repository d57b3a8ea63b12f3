// The addresses of links to files, and of downloads.

import HTTPTypes

extension Endpoint {
  var linkDescription: Description {
    let (tag, path) = ("Files", "/api/files/{fileId}/links")
    switch self {
    case .createLink:
      return Description(
        .post, path, tag,
        "Make a link with which anybody can fetch a file that you see, as long as you may see it",
        takes: "NewLink",
        answers: [
          (201, "CreatedLink", "The link; its token is shown this once."),
          (409, "Problem", "You have too many links to this file."),
        ])
    case .listLinks:
      return Description(
        .get, path, tag, "Your links to a file, or all where the file is yours; newest first",
        query: ["limit", "cursor"], answers: [(200, "LinkPage", "A page.")])
    case .revokeLinks:
      return Description(
        .delete, path, tag, "Take back all links to a file that you may take back",
        answers: [(204, nil, "They let nobody in any more.")])
    case .revokeLink:
      return Description(
        .delete, "/api/links/{id}", tag, "Take back a link. Taking it back again succeeds",
        answers: [(204, nil, "It lets nobody in any more.")])
    default:
      return Description(
        .post, "/api/files/links", tag,
        "Addresses at which you, and nobody but you, fetch files for the next minutes; files that you may not see are left out",
        takes: "FileList", answers: [(200, "OwnLinkPage", "One item for each file.")])
    }
  }

  var downloadDescription: Description {
    Description(
      .get, "/d/{token}/{name}", "Files",
      "The file, as far as the link lets: with Range, conditions and HEAD. Kinds that could harm come as attachments",
      open: true, query: ["download"],
      answers: [
        (200, "*/*", "The file."), (206, "*/*", "The part that Range asks for."),
        (304, nil, "You have it."),
        (307, nil, "Where the operator wants it: fetch the whole file at Location, soon."),
        (404, "Problem", "There is no such link."),
        (410, "Problem", "The link has expired, is used up or was taken back."),
        (412, "Problem", "The file is not the one that you expect."),
        (416, "Problem", "The file ends before the range begins."),
      ])
  }
}
