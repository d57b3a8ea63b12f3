// Whether the deployment can do what this driver needs.

/// What a deployment of MongoDB is.
public struct MongoDeployment: Sendable {
  public enum Shape: Sendable, Hashable {
    case replicaSet(name: String)
    /// Routers in front of shards.
    case sharded
  }

  public let shape: Shape
  /// `6.0.5` for one.
  public let version: String
}

extension MongoClient {
  /// The oldest version that is supported.
  public static var oldestVersion: (major: Int, minor: Int) { (6, 0) }

  /// Contacts the server.
  ///
  /// - Throws: `refused` for a server that is no replica set and no router, because it has neither transactions nor
  ///   change streams nor repeatable writes, and for one that is too old.
  public func checkDeployment() async throws(MongoError) -> MongoDeployment {
    let hosts = hosts
    return try await run { (connection) throws(MongoError) in
      let hello = try connection.run(["hello": 1], on: "admin", changes: false)
      let build = try connection.run(["buildInfo": 1], on: "admin", changes: false)
      guard let version = build["version"]?.asString else { throw MongoError.badAnswer("version") }
      try Self.check(version: version)
      if hello["msg"]?.asString == "isdbgrid" {
        return MongoDeployment(shape: .sharded, version: version)
      }
      guard let name = hello["setName"]?.asString else { throw Self.standalone(hosts) }
      guard hello["logicalSessionTimeoutMinutes"]?.asInteger != nil else {
        throw MongoError(.refused, "the server has no sessions version=`\(version)`")
      }
      return MongoDeployment(shape: .replicaSet(name: name), version: version)
    }
  }

  private static func check(version: String) throws(MongoError) {
    let parts = version.split(separator: ".").prefix(2).compactMap { Int($0) }
    guard parts.count == 2, (parts[0], parts[1]) >= oldestVersion else {
      throw MongoError(
        .refused, "the server is too old version=`\(version)`",
        hint: "\(oldestVersion.major).\(oldestVersion.minor) or newer is needed")
    }
  }

  private static func standalone(_ hosts: String) -> MongoError {
    MongoError(
      .refused, "the server is a standalone mongod hosts=`\(hosts)`",
      hint:
        "start it with --replSet rs0, then once: mongosh \"mongodb://\(hosts)\" --eval 'rs.initiate()'"
    )
  }
}
