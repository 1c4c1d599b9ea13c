// SPDX-License-Identifier: LGPL-3.0-or-later
import Testing

@testable import Properties

/// The table of properties, and requests made of it.
@Suite struct RequestTests {
  @Test func namesAreThereOnce() {
    let names = PropertyTable.all.map(\.name)
    #expect(names.count > 30 && Set(names).count == names.count)
    for operation in Operation.allCases { #expect(PropertyTable.properties(of: operation).count > 8) }
  }

  /// A default that its own property refuses could not be set back.
  @Test(arguments: Operation.allCases) func everyDefaultIsAValue(_ operation: Operation) throws {
    for property in PropertyTable.properties(of: operation) {
      let text = property.defaultText(on: operation)
      #expect(try property.value(of: text).text == text, "\(property.name)")
      #expect(!property.help(on: operation).isEmpty)
    }
  }

  @Test func valuesComeFromTextAndElseFromTheOperation() throws {
    var request = Request(.seeleRemove)
    #expect(request.grow == 5 && Request(.sdInpaint).grow == 0 && Request(.seeleHarmonize).strength == 0.6)
    try request.set("grow", "7")
    try request.set("sampler", "euler")
    try request.set("preserve", "false")
    try request.set("seed", "4294967295")
    try request.set("feather", "1e-3")
    #expect(request.grow == 7 && request.sampler == .kind(.euler) && !request.preserve)
    #expect(request.seed == 4_294_967_295 && request.feather == 0.001)
  }

  /// Two rows that changed places would take each other's name.
  @Test func eachChoiceHasItsName() throws {
    func sampler(_ nick: String) throws -> SamplerKind {
      var request = Request(.sdInpaint)
      try request.set("sampler", nick)
      return try #require(request.sampler.kind)
    }
    #expect(Request(.sdInpaint).sampler == .auto)
    #expect(try sampler("ddim") == .ddim && sampler("pndm") == .pndm && sampler("dpmpp-2m") == .dpmpp2M)
    #expect(try sampler("unipc") == .unipc && sampler("euler") == .euler && sampler("repaint") == .repaint)
    #expect(try sampler("lcm") == .lcm && sampler("tcd") == .tcd && sampler("euler-a") == .eulerAncestral)
    #expect(try sampler("dpmpp-2m-karras") == .dpmpp2MKarras && sampler("dpmpp-2m-sde") == .dpmpp2MSDE)
    #expect(try sampler("heun") == .heun && sampler("deis") == .deis)
  }

  @Test(arguments: [("grow", "-1"), ("grow", "257"), ("grow", "1.5"), ("grow", ""), ("feather", "nan"), ("seed", "4294967296"), ("feather", "inf"), ("sampler", "Euler")])
  func whatIsNoValueIsRefused(_ name: String, _ text: String) {
    var request = Request(.sdInpaint)
    #expect(throws: PropertyError.self) { try request.set(name, text) }
  }

  @Test func anotherOperationsPropertyIsRefused() {
    var request = Request(.sdInpaint)
    #expect(throws: PropertyError("there is no property left")) { try request.set("left", "1") }
    #expect(request.left == 0 && !request.has(\.left) && Request(.outpaint).has(\.left))
  }
}
