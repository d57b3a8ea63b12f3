// What filters mean.

import ArchiveCore
import Testing

extension DocumentStoreContract {
  static let filters = [
    ContractCheck("comparisons never cross types") { store in
      let values =
        [
          "bool": true, "int": 1, "string": "1", "time": .time(Timestamp(milliseconds: 1)),
          "array": .array([1]), "object": .object(["a": 1]), "text": "[1]",
        ] as [String: DocumentValue]
      try await insert(
        values.map { thing($0, ["v": $1]) } + [thing("none")], into: "plain", of: store)
      for (id, value) in values where value.isScalar {
        #expect(try await ids(store, "plain", .equal("v", value)) == [id])
        #expect(try await ids(store, "plain", .oneOf("v", [value])) == [id])
      }
      #expect(try await ids(store, "plain", .less("v", 5)) == ["int"])
      #expect(try await ids(store, "plain", .greaterOrEqual("v", 0)) == ["int"])
      #expect(try await ids(store, "plain", .lessOrEqual("v", "[2]")) == ["string", "text"])
      #expect(try await ids(store, "plain", .greater("v", "")) == ["string", "text"])
      #expect(try await ids(store, "plain", .greaterOrEqual("v", false)) == ["bool"])
      #expect(
        try await ids(store, "plain", .greater("v", .time(Timestamp(milliseconds: 0)))) == ["time"])
    },
    ContractCheck("bounds hold at the ends of the integers and of time") { store in
      let last = Timestamp(milliseconds: .max)
      try await insert(
        [
          thing("a", ["n": .integer(.min), "t": .time(last)]),
          thing("b", ["n": .integer(.max), "t": .time(Timestamp(milliseconds: .min))]),
          thing("c", ["n": .integer(.max - 1), "t": .time(Timestamp(milliseconds: -1))]),
        ], into: "plain", of: store)
      #expect(try await ids(store, "plain", .less("n", .integer(.min + 1))) == ["a"])
      #expect(try await ids(store, "plain", .greater("n", .integer(.max - 1))) == ["b"])
      #expect(try await ids(store, "plain", .equal("n", .integer(.max - 1))) == ["c"])
      #expect(try await ids(store, "plain", .equal("t", .time(last))) == ["a"])
      #expect(
        try await ids(store, "plain", .less("t", .time(Timestamp(milliseconds: 0)))) == ["b", "c"])
    },
    ContractCheck("strings compare by their UTF-8 bytes") { store in
      let texts = [
        "", "\u{0}", "\u{0}\u{0}", "\u{1}", "\u{2}", "A", "a", "a\u{0}b", "ab", "e\u{301}",
        "é", "\u{FFFF}", "😀",
      ]
      for (number, text) in texts.enumerated() {
        try await insert([thing("t\(number + 10)", ["v": .string(text)])], into: "plain", of: store)
      }
      for (number, text) in texts.enumerated() {
        let found = try await ids(store, "plain", .equal("v", .string(text)))
        #expect(found == ["t\(number + 10)"])
        #expect(try await store.count("plain", where: .less("v", .string(text))) == number)
      }
      #expect(try await ids(store, "plain", .prefix("v", "a")) == ["t16", "t17", "t18"])
      #expect(try await ids(store, "plain", .prefix("v", "\u{0}")) == ["t11", "t12"])
      #expect(try await ids(store, "plain", .prefix("v", "e")) == ["t19"])
      #expect(try await store.count("plain", where: .prefix("v", "")) == texts.count)
      #expect(
        try await ids(store, "plain", sort: [.ascending("v")])
          == texts.indices.map { "t\($0 + 10)" })
    },
    ContractCheck("exists and missing look at the field, whatever it holds") { store in
      try await insert(
        [
          thing("a", ["v": .array([]), "o": .object(["x": false])]), thing("b", ["v": ""]),
          thing("c", ["o": 5]),
        ], into: "plain", of: store)
      #expect(try await ids(store, "plain", .exists("v")) == ["a", "b"])
      #expect(try await ids(store, "plain", .missing("v")) == ["c"])
      #expect(try await ids(store, "plain", .exists("o.x")) == ["a"])
      #expect(try await ids(store, "plain", .missing("o.x")) == ["b", "c"])
      #expect(try await ids(store, "plain", .missing("id")) == [])
    },
    ContractCheck("contains looks into arrays only and keeps the types apart") { store in
      try await insert(
        [
          thing("a", ["v": .array([1, "x", .array([2])])]), thing("b", ["v": 1]),
          thing("c", ["v": .array([true, "1"])]), thing("d", ["v": .object(["k": 1])]),
          thing("e", ["v": .array([.time(Timestamp(milliseconds: 1))])]),
        ], into: "plain", of: store)
      #expect(try await ids(store, "plain", .contains("v", 1)) == ["a"])
      #expect(try await ids(store, "plain", .contains("v", true)) == ["c"])
      #expect(try await ids(store, "plain", .contains("v", "1")) == ["c"])
      #expect(try await ids(store, "plain", .contains("v", 2)) == [])
      #expect(
        try await ids(store, "plain", .contains("v", .time(Timestamp(milliseconds: 1)))) == ["e"])
    },
    ContractCheck("and, or and not combine; a missing field satisfies a negated comparison") {
      store in
      try await insert(
        [thing("a", ["n": 1]), thing("b", ["n": 2]), thing("c")], into: "plain", of: store)
      #expect(try await ids(store, "plain", .not(.equal("n", 1))) == ["b", "c"])
      #expect(try await ids(store, "plain", .not(.not(.equal("n", 1)))) == ["a"])
      #expect(
        try await ids(store, "plain", .not(.or([.equal("n", 1), .less("x", 5)]))) == ["b", "c"])
      #expect(
        try await ids(store, "plain", .not(.and([.equal("n", 1), .less("x", 5)]))) == [
          "a", "b", "c",
        ])
      #expect(try await ids(store, "plain", .and([])) == ["a", "b", "c"])
      #expect(try await ids(store, "plain", .or([])) == [])
      #expect(try await ids(store, "plain", .oneOf("n", [])) == [])
      #expect(try await ids(store, "plain", .nothing) == [])
      #expect(try await ids(store, "plain", .oneOf("n", [2, "2", true, 1])) == ["a", "b"])
    },
    ContractCheck("the identifier is compared like every string") { store in
      try await insert(
        [thing("a"), thing("b"), thing("b\u{0}"), thing("c")], into: "plain", of: store)
      #expect(try await ids(store, "plain", .id("b")) == ["b"])
      #expect(try await ids(store, "plain", .id("b\u{0}")) == ["b\u{0}"])
      #expect(try await ids(store, "plain", .greater("id", "b")) == ["b\u{0}", "c"])
      #expect(try await ids(store, "plain", .prefix("id", "b")) == ["b", "b\u{0}"])
      #expect(try await ids(store, "plain", .oneOf("id", ["c", "a", 1])) == ["a", "c"])
      #expect(try await ids(store, "plain", .equal("id", 1)) == [])
      #expect(try await ids(store, "plain", .exists("id.x")) == [])
    },
    ContractCheck("an operand that is no scalar is invalid") { store in
      let wrong: [Filter] = [
        .equal("v", .array([])), .oneOf("v", [1, .object([:])]), .not(.less("v", .object([:]))),
        .and([.or([.contains("v", .array([]))])]),
      ]
      for filter in wrong {
        #expect(await failure { _ = try await ids(store, "plain", filter) }?.kind == .invalid)
        #expect(
          await failure { _ = try await store.count("plain", where: filter) }?.kind == .invalid)
        #expect(
          await failure { try await store.delete("plain", where: filter) }?.kind == .invalid)
      }
    },
    ContractCheck("a filter at the limits of depth and size works, above them it is invalid") {
      store in
      try await insert([thing("a", ["n": 1])], into: "plain", of: store)
      var deep = Filter.equal("n", 1)
      for level in 2..<Filter.depthLimit {
        deep = level % 2 == 0 ? .and([deep]) : .or([deep, .nothing])
      }
      deep = .not(deep)
      #expect(try await store.count("plain", where: deep) == 0)
      let tooDeep = Filter.not(deep)
      #expect(await failure { _ = try await ids(store, "plain", tooDeep) }?.kind == .invalid)
      let wide = (0..<4_990).map { Filter.equal("n", .integer(Int64($0))) }
      #expect(try await store.count("plain", where: .or(wide)) == 1)
      #expect(try await store.count("plain", where: .and(wide)) == 0)
      let many = (0..<4_990).map { DocumentValue.integer(Int64($0)) }
      #expect(try await store.count("plain", where: .oneOf("n", many)) == 1)
      let tooMany = Filter.oneOf("n", many + many)
      #expect(await failure { _ = try await ids(store, "plain", tooMany) }?.kind == .invalid)
    },
  ]
}
