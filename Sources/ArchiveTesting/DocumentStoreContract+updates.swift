// Updates and transactions.

import ArchiveCore
import Testing

extension DocumentStoreContract {
  static let updates = [
    ContractCheck("an update changes the first document by identifier and shows before and after") {
      store in
      let before = thing("a", ["n": 1, "tags": .array(["x", "y", "x"]), "gone": 1])
      try await insert([thing("b", ["n": 1]), before], into: "plain", of: store)
      let outcome = try await store.update(
        Update(
          "plain", where: .equal("n", 1),
          [
            .increment("n", 4), .pull("tags", "x"), .unset("gone"), .set("deep.er", true),
            .max("top", 3), .addToSet("set", "s"), .push("list", "l"),
          ]))
      let after = thing(
        "a",
        [
          "n": 5, "tags": .array(["y"]), "deep": .object(["er": true]), "top": 3,
          "set": .array(["s"]), "list": .array(["l"]),
        ])
      #expect(outcome.matchedCount == 1 && outcome.before == before && outcome.after == after)
      #expect(try await store.find(Query("plain", limit: 9)) == [after, thing("b", ["n": 1])])
    },
    ContractCheck("an update that matches nothing changes nothing") { store in
      let outcome = try await store.update(Update("plain", where: .id("a"), [.set("n", 1)]))
      #expect(outcome.matchedCount == 0 && outcome.before == nil && outcome.after == nil)
      #expect(try await store.count("plain", where: .everything) == 0)
    },
    ContractCheck("an update of all changes every one, also one that then no longer matches") {
      store in
      try await insert((0..<450).map { thing("a\($0)", ["n": 1]) }, into: "plain", of: store)
      let outcome = try await store.update(
        Update("plain", where: .equal("n", 1), [.increment("n", 1)], extent: .all))
      #expect(outcome.matchedCount == 450 && outcome.before == nil && outcome.after == nil)
      #expect(try await store.count("plain", where: .equal("n", 2)) == 450)
    },
    ContractCheck("an update of all that fails at one document changes none") { store in
      try await insert(
        [thing("a", ["n": 1]), thing("b", ["n": "text"])], into: "plain", of: store)
      let update = Update("plain", where: .everything, [.increment("n", 1)], extent: .all)
      #expect(await failure { try await store.update(update) }?.kind == .invalid)
      #expect(try await ids(store, "plain", .equal("n", 1)) == ["a"])
    },
    ContractCheck("an upsert changes the document, or inserts the changed one where there is none")
    {
      store in
      let update = Update(
        "plain", where: .id("a"), [.increment("n", 1)],
        extent: .upsert(insertedOnMiss: thing("a", ["n": 10])))
      let first = try await store.update(update)
      #expect(first.matchedCount == 1 && first.before == nil)
      #expect(first.after == thing("a", ["n": 11]))
      let second = try await store.update(update)
      #expect(second.before == thing("a", ["n": 11]) && second.after == thing("a", ["n": 12]))
    },
    ContractCheck("an upsert by anything but its document's identifier is invalid") { store in
      for filter in [Filter.equal("n", 1), .id("b"), .everything] {
        let update = Update(
          "plain", where: filter, [], extent: .upsert(insertedOnMiss: thing("a")))
        #expect(await failure { try await store.update(update) }?.kind == .invalid)
      }
    },
    ContractCheck("changes that are wrong in themselves are invalid, match or no match") { store in
      let wrong: [[DocumentChange]] = [
        [.set("id", "b")], [.set("a", 1), .set("a.b", 1)], [.unset("a"), .push("a", 1)],
      ]
      for changes in wrong {
        let update = Update("plain", where: .everything, changes)
        #expect(await failure { try await store.update(update) }?.kind == .invalid)
      }
    },
    ContractCheck("a change that does not fit the document is invalid and changes nothing") {
      store in
      let document = thing("a", ["n": .integer(.max), "s": "text"])
      try await insert([document], into: "plain", of: store)
      let wrong: [DocumentChange] = [
        .increment("n", 1), .increment("s", 1), .max("s", 1), .push("n", 1), .addToSet("s", 1),
        .pull("s", 1), .set("s.t", 1),
      ]
      for change in wrong {
        let update = Update("plain", where: .id("a"), [.set("other", 1), change])
        #expect(await failure { try await store.update(update) }?.kind == .invalid)
      }
      #expect(try await store.find(Query("plain", limit: 2)) == [document])
    },
    ContractCheck(
      "an update into a taken value of a unique index is a conflict and changes nothing"
    ) {
      store in
      let documents = [
        thing("a", ["owner": "o", "seq": 1]), thing("b", ["owner": "o", "seq": 2]),
      ]
      try await insert(documents, into: "things", of: store)
      let update = Update("things", where: .id("b"), [.set("seq", 1)])
      let error = await failure { try await store.update(update) }
      #expect(error?.kind == .conflict && error?.index == "byOwner")
      #expect(try await store.find(Query("things", limit: 3)) == documents)
    },
    ContractCheck("increments from many tasks all count") { store in
      try await insert([thing("a")], into: "plain", of: store)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<50 {
          group.addTask {
            try await store.update(Update("plain", where: .id("a"), [.increment("n", 1)]))
          }
        }
        try await group.waitForAll()
      }
      #expect(try await ids(store, "plain", .equal("n", 50)) == ["a"])
    },
  ]

  static let transactions = [
    ContractCheck("a transaction carries out all its steps, each seeing those before it") { store in
      try await insert([thing("a", ["n": 1]), thing("gone")], into: "plain", of: store)
      try await store.transact([
        .insert(thing("t", ["owner": "o"]), into: "things"),
        .expect("things", where: .equal("owner", "o")),
        .update(Update("plain", where: .id("a"), [.increment("n", 1)]), mustMatch: true),
        .update(Update("plain", where: .id("none"), [.set("n", 1)]), mustMatch: false),
        .delete("plain", where: .id("gone")),
      ])
      #expect(try await store.find(Query("plain", limit: 9)) == [thing("a", ["n": 2])])
      #expect(try await ids(store, "things") == ["t"])
    },
    ContractCheck("a transaction whose last step fails carries out none") { store in
      try await insert([thing("a", ["n": 1])], into: "plain", of: store)
      let failing: [(TransactionStep, StoreError.Kind)] = [
        (.expect("plain", where: .equal("n", 1)), .conflict),
        (.update(Update("plain", where: .id("none"), []), mustMatch: true), .conflict),
        (.insert(thing("a"), into: "plain"), .conflict),
        (.insert(Document([:]), into: "plain"), .invalid),
        (.update(Update("plain", where: .id("a"), [.push("n", 1)]), mustMatch: false), .invalid),
      ]
      for (step, kind) in failing {
        let steps: [TransactionStep] = [
          .update(Update("plain", where: .id("a"), [.increment("n", 1)]), mustMatch: true),
          .insert(thing("new"), into: "things"), .delete("things", where: .everything), step,
        ]
        #expect(await failure { try await store.transact(steps) }?.kind == kind)
      }
      #expect(try await store.find(Query("plain", limit: 9)) == [thing("a", ["n": 1])])
      #expect(try await store.count("things", where: .everything) == 0)
    },
    ContractCheck("a transaction of no steps succeeds") { store in try await store.transact([]) },
    ContractCheck("of many transactions that expect the same, one succeeds") { store in
      try await insert([thing("a")], into: "plain", of: store)
      let winners = await withTaskGroup(of: Int.self) { group in
        for number in 0..<20 {
          group.addTask {
            let error = await failure {
              try await store.transact([
                .expect("plain", where: .and([.id("a"), .missing("winner")])),
                .update(
                  Update("plain", where: .id("a"), [.set("winner", .integer(Int64(number)))]),
                  mustMatch: true),
              ])
            }
            return error == nil ? 1 : 0
          }
        }
        return await group.reduce(0, +)
      }
      #expect(winners == 1)
    },
  ]
}
