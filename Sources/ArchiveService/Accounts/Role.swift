// What a person may be in this deployment.

/// The role of a user. Decisions that depend on it are all in `RightsTable`.
public enum Role: String, CaseIterable, Sendable, Codable {
  case admin, agent, customer, designer, merchant, supplier
}
