// SPDX-License-Identifier: LGPL-3.0-or-later
import Testing

@testable import Checkpoints

@Suite struct JSONTests {
  @Test(arguments: [
    #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"a":}"#, #"{"a":1,}"#, "{1:2}", "[1,]", "[1 2]", "01", "-01", "+1", "1.", ".5", "1.e5",
    "1e", "1e+", "--1", "-", "1-2", "0x10", "nul", "True", #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\x""#, #""\u12"#,
    #""\u+123""#, #""\u-000""#, "\"\u{1}\"", "\"a", "1 2", "", " ", "{", "[", "nan", "-inf", "Inf", "+Infinity", "--Infinity", "1e999", "'a'", "// a\n1", "\u{FEFF}1",
    "1" + String(repeating: "0", count: 64),
  ]) func badJSONIsRefused(text: String) {
    #expect(refusal { _ = try JSON(parsing: text, source: "f.json") }.hasPrefix("f.json: bad JSON"))
  }

  @Test func pythonsInfinitiesAreReadInAPacksFiles() throws {
    let json = try JSON(parsing: #"{"a": -Infinity, "b": Infinity, "c": [NaN]}"#, source: "test")
    #expect(json["a"]?.double == -.infinity && json["b"]?.double == .infinity)
    #expect(json["c"]?.array?.first?.double?.isNaN == true)
    #expect(json["a"]?.int == nil && json["c"]?.array?.first?.int == nil)
  }

  @Test func pythonsInfinitiesAreNoSafetensorsHeader() {
    for text in ["Infinity", "-Infinity", "NaN"] {
      #expect(throws: CheckpointError.self) { try JSONParser.parse(Array("{\"a\": \(text)}".utf8), source: "test") }
    }
  }

  @Test func jsonIsRead() throws {
    let json = try JSON(parsing: #" {"a": [1, -2.5e1, true, null, "x\n\u00e9\ud83d\ude42\/", {}, []]}"#, source: "test")
    #expect(json["a"]?.array == [.integer(1), .number(-25), .bool(true), .null, .string("x\né🙂/"), .object([:]), .array([])])
  }

  @Test(arguments: [
    ("0", .integer(0)), ("-7", .integer(-7)), ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(0x1p63)),
    ("1e3", .number(1000)), ("0.00085", .number(0.00085)), ("1E-2", .number(0.01)), ("0.5", .number(0.5)),
  ] as [(String, JSON)]) func numbersAreRead(text: String, value: JSON) throws {
    #expect(try JSON(parsing: text, source: "test") == value)
  }

  @Test func depthIsBounded() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    _ = try JSON(parsing: nested(64), source: "test")
    #expect(refusal { _ = try JSON(parsing: nested(65), source: "test") }.contains("nested deeper than 64"))
  }

  @Test func valuesAreReadByTypeAndNamedIfTheyHaveAnother() throws {
    let json = try JSON(parsing: #"{"size":64,"rate":0.5,"whole":2.0,"name":"x","none":null}"#, source: "test")
    #expect(try json.value("size", or: 1, \.int) == 64 && json.value("whole", or: 1, \.int) == 2)
    #expect(try json.value("size", or: 1, \.double) == 64 && json.value("rate", or: 1, \.double) == 0.5)
    #expect(try json.value("absent", or: 7, \.int) == 7 && json.value("none", or: 7, \.int) == 7)
    #expect(refusal { _ = try json.value("rate", or: 1, \.int) }.contains("\"rate\""))
    #expect(refusal { _ = try json.value("name", or: true, \.bool) }.contains("\"name\""))
  }
}
