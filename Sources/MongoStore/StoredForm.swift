// The stored form of documents, for tools of this package that measure it.

package import ArchiveCore
package import MongoDriver

/// What the store does with a document on its way in and out, without any server.
package enum StoredForm {
  /// The caller has checked the document with `checkStorable`.
  package static func encode(_ document: Document) -> BSONDocument {
    DocumentBSON.document(document)
  }

  /// Throws `corrupt` for what the store did not write.
  package static func decode(_ bson: BSONDocument) throws(StoreError) -> Document {
    try DocumentBSONReader.document(bson)
  }
}
