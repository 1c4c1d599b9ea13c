// SPDX-License-Identifier: LGPL-3.0-or-later
/// A Python pickle as inert data: what it would have called is written down, never called.
///
/// Protocols 2 to 5 (CPython, Lib/pickletools.py), the opcodes that torch.save and what surrounds it need.  All objects
/// lie in one table and refer to each other by index, so that neither sharing nor nesting costs memory or depth; each
/// byte of the pickle makes at most one, and their number is bounded.
struct Pickle {
  enum Value {
    case integer(Int)
    case text(String)
    /// An index into `objects`.
    case object(Int)
    /// None, numbers with a point, bytes: what no tensor needs.
    case other
  }

  struct Object {
    enum Kind {
      case tuple, list
      case dictionary  // items: key, value, key, value, ...
      case global(String)  // "module.name"
      case call  // items: what is called, its arguments, then the state that the result was given, if any
      case persistent  // items: its id
    }

    let kind: Kind
    var items: [Value] = []
  }

  private(set) var objects: [Object] = []
  private(set) var root = Value.other

  static let maximumBytes = 32 << 20
  private static let maximumValues = 1_000_000
  private static let maximumName = 512

  private let source: String
  private var cursor: ByteCursor
  private var stack: [Value] = []
  private var marks: [Int] = []
  private var memo: [UInt32: Value] = [:]

  /// Throws `CheckpointError` for an opcode that is not known, for an operand that is not there, and above the bounds.
  init(_ bytes: [UInt8], source: String) throws {
    self.source = source
    cursor = ByteCursor(bytes, source: source)
    while let opcode = Opcode(rawValue: try nextCode()) {
      if opcode == .stop {
        root = try pop()
        return
      }
      try run(opcode)
      guard max(objects.count, stack.count, marks.count, memo.count) <= Self.maximumValues else {
        throw error("more than \(Self.maximumValues) values")
      }
    }
  }

  private func error(_ what: String) -> CheckpointError {
    CheckpointError("\(source): bad pickle before byte \(cursor.position): \(what)")
  }

  private mutating func nextCode() throws -> UInt8 {
    let code = try cursor.integer(UInt8.self)
    guard Opcode(rawValue: code) != nil else { throw error("the opcode \(code) is not known") }
    return code
  }

  // MARK: - What was built

  /// The object behind a value, nil if it is none.
  func object(_ value: Value) -> Object? {
    if case .object(let index) = value { objects[index] } else { nil }
  }

  /// The elements of a tuple, nil for anything else.
  func tuple(_ value: Value) -> [Value]? {
    guard let object = object(value), case .tuple = object.kind else { return nil }
    return object.items
  }

  /// The name of a global, nil for anything else.
  func global(_ value: Value) -> String? {
    if case .global(let name)? = object(value)?.kind { name } else { nil }
  }

  /// The entries of a dictionary whose keys are texts, nil for anything else.
  func entries(_ value: Value) -> [(key: String, value: Value)]? {
    guard let object = object(value), case .dictionary = object.kind else { return nil }
    return stride(from: 0, to: object.items.count, by: 2).compactMap { index in
      if case .text(let key) = object.items[index] { (key, object.items[index + 1]) } else { nil }
    }
  }

  /// The attributes that an object was given, nil for anything else.
  func attributes(_ value: Value) -> [(key: String, value: Value)]? {
    guard let object = object(value), case .call = object.kind, object.items.count > 2 else { return nil }
    return entries(object.items[2])
  }

  // MARK: - Stack

  private mutating func pop() throws -> Value {
    guard stack.count > (marks.last ?? 0) else { throw error("nothing is left on its stack") }
    return stack.removeLast()
  }

  private mutating func pop(_ count: Int) throws -> [Value] {
    guard stack.count - count >= (marks.last ?? 0) else { throw error("nothing is left on its stack") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws -> [Value] {
    guard let mark = marks.popLast() else { throw error("no mark") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func push(_ kind: Object.Kind, _ items: [Value] = []) {
    stack.append(.object(objects.count))
    objects.append(Object(kind: kind, items: items))
  }

  private mutating func pushText(_ length: Int) throws {
    stack.append(.text(String(decoding: try cursor.take(length), as: UTF8.self)))
  }

  private mutating func pushBytes(_ length: Int) throws {
    _ = try cursor.take(length)
    stack.append(.other)
  }

  /// Two's complement of `length` bytes; what is wider than `Int` is no size of anything.
  private mutating func pushInteger(_ length: Int) throws {
    let bytes = try cursor.take(length)
    guard length <= 8 else { return stack.append(.other) }
    let sign = (bytes.last ?? 0) >= 0x80 ? -1 : 0
    stack.append(.integer(bytes.reversed().reduce(sign) { $0 << 8 | Int($1) }))
  }

  private mutating func pushGlobal(_ module: some Sequence<UInt8>, _ name: some Sequence<UInt8>) throws {
    let text = String(decoding: Array(module) + [UInt8(ascii: ".")] + Array(name), as: UTF8.self)
    guard text.utf8.count <= Self.maximumName else { throw error("a name of \(text.utf8.count) bytes") }
    push(.global(text))
  }

  /// Adds to the list or dictionary on top of the stack; what is neither (the result of a call) swallows it.
  private mutating func extend(_ items: [Value], pairs: Bool) throws {
    guard let top = stack.last, stack.count > (marks.last ?? 0) else { throw error("nothing is left on its stack") }
    guard !pairs || items.count % 2 == 0 else { throw error("a key without a value") }
    guard case .object(let index) = top else { return }
    switch (objects[index].kind, pairs) {
    case (.list, false), (.dictionary, true): objects[index].items += items
    default: break
    }
  }

  // MARK: - Opcodes

  private enum Opcode: UInt8 {
    case proto = 0x80, frame = 0x95, stop = 0x2E
    case mark = 0x28, pop = 0x30, popMark = 0x31, dup = 0x32
    case none = 0x4E, newTrue = 0x88, newFalse = 0x89, binFloat = 0x47
    case binInt = 0x4A, binInt1 = 0x4B, binInt2 = 0x4D, long1 = 0x8A, long4 = 0x8B
    case shortUnicode = 0x8C, unicode = 0x58, unicode8 = 0x8D, shortString = 0x55, string = 0x54
    case shortBytes = 0x43, bytes = 0x42, bytes8 = 0x8E, byteArray8 = 0x96
    case emptyTuple = 0x29, tuple = 0x74, tuple1 = 0x85, tuple2 = 0x86, tuple3 = 0x87
    case emptyList = 0x5D, append = 0x61, appends = 0x65
    case emptyDict = 0x7D, setItem = 0x73, setItems = 0x75
    case emptySet = 0x8F, addItems = 0x90, frozenSet = 0x91
    case binGet = 0x68, longBinGet = 0x6A, binPut = 0x71, longBinPut = 0x72, memoize = 0x94
    case global = 0x63, stackGlobal = 0x93, reduce = 0x52, build = 0x62, newObject = 0x81, newObjectEx = 0x92
    case persistentID = 0x51
  }

  private mutating func run(_ opcode: Opcode) throws {
    switch opcode {
    case .proto:
      let version = try cursor.integer(UInt8.self)
      guard (2...5).contains(version) else { throw error("protocol \(version)") }
    case .frame: _ = try cursor.take(8)
    case .stop: break  // ends the loop
    case .mark: marks.append(stack.count)
    case .pop: if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .dup:
      let top = try pop()
      stack += [top, top]
    case .none, .newTrue, .newFalse: stack.append(.other)
    case .binFloat: try pushBytes(8)
    case .binInt: try pushInteger(4)
    case .binInt1: stack.append(.integer(Int(try cursor.integer(UInt8.self))))
    case .binInt2: stack.append(.integer(Int(try cursor.integer(UInt16.self))))
    case .long1: try pushInteger(Int(cursor.integer(UInt8.self)))
    case .long4: try pushInteger(cursor.size(UInt32.self))
    case .shortUnicode, .shortString: try pushText(Int(cursor.integer(UInt8.self)))
    case .unicode, .string: try pushText(cursor.size(UInt32.self))
    case .unicode8: try pushText(cursor.size(UInt64.self))
    case .shortBytes: try pushBytes(Int(cursor.integer(UInt8.self)))
    case .bytes: try pushBytes(cursor.size(UInt32.self))
    case .bytes8, .byteArray8: try pushBytes(cursor.size(UInt64.self))
    case .emptyTuple: push(.tuple)
    case .tuple: push(.tuple, try popToMark())
    case .tuple1: push(.tuple, try pop(1))
    case .tuple2: push(.tuple, try pop(2))
    case .tuple3: push(.tuple, try pop(3))
    case .emptyList, .emptySet: push(.list)
    case .frozenSet: push(.list, try popToMark())
    case .append: try extend(pop(1), pairs: false)
    case .appends, .addItems: try extend(popToMark(), pairs: false)
    case .emptyDict: push(.dictionary)
    case .setItem: try extend(pop(2), pairs: true)
    case .setItems: try extend(popToMark(), pairs: true)
    case .binGet: try get(UInt32(cursor.integer(UInt8.self)))
    case .longBinGet: try get(cursor.integer(UInt32.self))
    case .binPut: try put(UInt32(cursor.integer(UInt8.self)))
    case .longBinPut: try put(cursor.integer(UInt32.self))
    case .memoize: try put(UInt32(memo.count))
    case .global: try pushGlobal(cursor.line(), cursor.line())
    case .stackGlobal:
      let names = try pop(2)
      guard case .text(let module) = names[0], case .text(let name) = names[1] else {
        throw error("a global without a name")
      }
      guard module.utf8.count + name.utf8.count <= Self.maximumName else { throw error("a long name") }
      try pushGlobal(module.utf8, name.utf8)
    case .reduce, .newObject:
      let call = try pop(2)
      push(global(call[0]) == "collections.OrderedDict" ? .dictionary : .call, [])
      if case .call? = objects.last?.kind { objects[objects.count - 1].items = call }
    case .newObjectEx: push(.call, try pop(3))
    case .build:
      // An object's attributes; those of a state dictionary, its `_metadata`, no tensor needs.
      let state = try pop(1)
      guard let top = stack.last, stack.count > (marks.last ?? 0) else { throw error("nothing is left on its stack") }
      if case .object(let index) = top, case .call = objects[index].kind, objects[index].items.count == 2 {
        objects[index].items += state
      }
    case .persistentID: push(.persistent, try pop(1))
    }
  }

  private mutating func get(_ index: UInt32) throws {
    guard let value = memo[index] else { throw error("nothing was kept as \(index)") }
    stack.append(value)
  }

  private mutating func put(_ index: UInt32) throws {
    guard let top = stack.last, stack.count > (marks.last ?? 0) else { throw error("nothing is left on its stack") }
    memo[index] = top
  }
}
