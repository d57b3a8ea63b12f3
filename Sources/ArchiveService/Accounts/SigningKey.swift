// One key that signs access tokens: what is stored of it, and what is made from that.

import ArchiveCore
import Crypto
import Encodings
import Foundation
import JWTKit

/// What the store holds of a key: everything but the secret.
///
/// The private key is derived from `auth.secret` and the salt. So whoever has the documents alone can neither sign nor
/// decrypt anything, and there is nothing to encrypt in the first place.
struct SigningKeyRecord: Sendable, StoredDocument {
  /// Rises with each key; two nodes that make one at the same time collide.
  let number: Int64
  /// RFC 7638's thumbprint of the public key. A process with another `auth.secret` derives another key, and sees it.
  let keyID: String
  let salt: [UInt8]
  let createdAt: Timestamp
  /// From then on it signs; before, all nodes and whoever reads the key set get to know it.
  let signsFrom: Timestamp
  /// From then on its tokens are refused. `nil` while no other key has been named to follow it.
  let expiresAt: Timestamp?

  static let schema = CollectionSchema(
    "signingKeys",
    indexes: [CollectionIndex("expiry", on: [.ascending("expiresAt")], kind: .expiring)])

  static func id(_ number: Int64) -> String {
    let digits = String(max(number, 0))
    return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }
}

extension SigningKeyRecord {
  init(document: Document) throws(StoreError) {
    number = try document.field("id") { $0.asText.flatMap { Int64($0) } }
    keyID = try document.field("keyId", \.asText)
    salt = try document.field("salt") { $0.asText.flatMap { Base64.url.bytes($0.utf8) } }
    createdAt = try document.field("createdAt", \.asTime)
    signsFrom = try document.field("signsFrom", \.asTime)
    expiresAt = try document.optionalField("expiresAt", \.asTime)
  }

  func document() throws(StoreError) -> Document {
    Document(present: [
      "id": .string(Self.id(number)), "keyId": .string(keyID),
      "salt": .string(Base64.url.text(salt)), "createdAt": .time(createdAt),
      "signsFrom": .time(signsFrom), "expiresAt": expiresAt.map { .time($0) },
    ])
  }
}

/// A key that this process can sign and check with: Ed25519, and nothing else.
struct SigningKey: Sendable {
  let record: SigningKeyRecord
  /// The first part of every token that it signs, to the byte.
  let header: String
  let privateKey: Curve25519.Signing.PrivateKey
  /// This key alone, so that no token can name another.
  private let signer: JWTKeyCollection

  static let saltBytes = 32
  static let signatureBytes = 64

  /// `nil` where the record was made with another secret.
  init?(_ record: SigningKeyRecord, secret: Secret) async {
    guard let privateKey = Self.derived(from: secret, salt: record.salt),
      Self.keyID(privateKey.publicKey) == record.keyID
    else { return nil }
    self.record = record
    self.privateKey = privateKey
    header = Base64.url.text(#"{"alg":"EdDSA","kid":"\#(record.keyID)","typ":"JWT"}"#.utf8)
    // Sorted, so that every header of the key is the one above.
    let serializer = DefaultJWTSerializer(jsonEncoder: JSON.encoder)
    signer = await JWTKeyCollection().add(
      eddsa: EdDSA.PrivateKey(backing: privateKey), kid: JWKIdentifier(string: record.keyID),
      serializer: serializer)
  }

  /// The name of the key that the salt leads to.
  static func keyID(_ secret: Secret, salt: [UInt8]) -> String? {
    derived(from: secret, salt: salt).map { keyID($0.publicKey) }
  }

  func token(_ payload: some JWTPayload) async throws -> String {
    try await signer.sign(payload, kid: JWKIdentifier(string: record.keyID))
  }

  /// Throws where the key did not sign it.
  func payload<Payload: JWTPayload>(of token: String, as _: Payload.Type) async throws -> Payload {
    try await signer.verify(token)
  }

  /// The public key as RFC 8037 writes it.
  var published: PublishedKey {
    PublishedKey(
      kid: record.keyID, x: Base64.url.text(privateKey.publicKey.rawRepresentation))
  }

  private static func derived(from secret: Secret, salt: [UInt8]) -> Curve25519.Signing.PrivateKey?
  {
    // Any 32 bytes are a key.
    try? Curve25519.Signing.PrivateKey(
      rawRepresentation: secret.key(for: Array("chat archive access tokens 1 ".utf8) + salt))
  }

  private static func keyID(_ key: Curve25519.Signing.PublicKey) -> String {
    let x = Base64.url.text(key.rawRepresentation)
    return Base64.url.text(
      SHA256.hash(data: Data(#"{"crv":"Ed25519","kty":"OKP","x":"\#(x)"}"#.utf8)))
  }
}

/// One key of the published set.
struct PublishedKey: Encodable, Sendable {
  let kty = "OKP"
  let crv = "Ed25519"
  let use = "sig"
  let alg = "EdDSA"
  let kid: String
  let x: String

  private enum CodingKeys: CodingKey { case kty, crv, use, alg, kid, x }
}

/// The key set of RFC 7517.
struct PublishedKeys: Encodable, Sendable {
  let keys: [PublishedKey]
}
