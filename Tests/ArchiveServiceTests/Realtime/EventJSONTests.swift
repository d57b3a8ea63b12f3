// The JSON that is written by hand says the same as the one that routes answer with.

import ArchiveCore
import Foundation
import RealtimeProtocol
import Testing

@testable import ArchiveService

@Suite struct EventJSONTests {
  @Test("I2 a message looks the same as an event and as an answer of a route")
  func sameAsRoute() throws {
    let lines = [
      #"{"clientId":"a\"b","conversationId":"01ARZ3NDEKTSV4RRFFQ69G5FAV","createdAt":"2026-01-01T00:00:00.000Z","kind":"message","ordinal":1,"replyTo":3,"senderId":"01ARZ3NDEKTSV4RRFFQ69G5FAV","seq":9007199254740993,"text":"\u0001 </ \\ é \ud83d\ude00 \u2028"}"#,
      #"{"conversationId":"01ARZ3NDEKTSV4RRFFQ69G5FAV","createdAt":"2026-01-01T00:00:00.000Z","files":[{"contentType":"image/png","height":3,"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","name":"a \"b\".png","size":9,"width":4},{"contentType":"text/plain","id":"01ARZ3NDEKTSV4RRFFQ69G5FAW","name":"b","size":0}],"kind":"message","ordinal":1,"senderId":"01ARZ3NDEKTSV4RRFFQ69G5FAV","seq":2}"#,
      #"{"conversationId":"01ARZ3NDEKTSV4RRFFQ69G5FAV","createdAt":"2026-01-01T00:00:00.000Z","data":{"a":[1,true,"x",{"b":{"$time":5}}],"userId":"x"},"kind":"memberAdded","ordinal":0,"seq":1}"#,
    ]
    for line in lines {
      let entry = try EntryLine(bytes: Array(line.utf8)).entry()
      let edit = try amendment("edit", #","text":"other""#)
      for message in [
        Message(entry), Message(entry, edit: edit),
        Message(entry, edit: edit, deletion: try amendment("deletion", "")),
      ] {
        let route = try JSON.encoder.encode(MessageView(message))
        let event = EventJSON.message(message)
        #expect(
          try JSONParser.value(Array(route)[...], limits: JSONLimits())
            == JSONParser.value(event[...], limits: JSONLimits()))
      }
    }
  }

  private func amendment(_ kind: String, _ more: String) throws -> Entry {
    let line =
      #"{"conversationId":"01ARZ3NDEKTSV4RRFFQ69G5FAV","createdAt":"2026-01-01T00:00:00.005Z","kind":"\#(kind)","ordinal":1,"seq":3,"target":2\#(more)}"#
    return try EntryLine(bytes: Array(line.utf8)).entry()
  }

  @Test("what a client sends: wrong types, missing fields and other shapes are named")
  func input() throws {
    #expect(throws: ServiceError.self) { try EventInput([]) }
    #expect(throws: ServiceError.self) { try EventInput(["x"]) }
    let input = try EventInput([["text": 5, "seq": "1", "none": .null, "files": ["a", 1]]])
    #expect(throws: ServiceError.self) { try input.optionalText("text") }
    #expect(throws: ServiceError.self) { try input.integer("seq") }
    #expect(throws: ServiceError.self) { try input.text("none") }
    #expect(throws: ServiceError.self) { try input.optionalTexts("files") }
    #expect(throws: ServiceError.self) { try input.conversationID() }
    #expect(try input.optionalText("none") == nil)
    #expect(try input.optionalInteger("missing") == nil)
  }
}
