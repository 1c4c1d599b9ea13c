// SPDX-License-Identifier: LGPL-3.0-or-later
extension OpenedPack {
  /// What `recommended.json` has that nobody reads, as a misspelt name, a sentence each.
  ///
  /// keys: of the file, beside `operations`; operations: the names there; properties: the keys of each.  Throws
  /// `CheckpointError` where the file cannot be read.
  public func unreadRecommendations(
    keys: Set<String>, operations: Set<String>, properties: Set<String>
  ) throws -> [String] {
    guard let recommended = try recommended()?.object else { return [] }
    func unread(_ members: [String: JSON], _ known: Set<String>, _ place: String) -> [String] {
      members.keys.filter { !known.contains($0) }.sorted().map { key in
        "recommended.json: \(place)\"\(key.excerpt)\" is not read; there are \(known.sorted().joined(separator: ", "))"
      }
    }
    var notes = unread(recommended, keys.union(["operations"]), "")
    guard let members = recommended["operations"] else { return notes }
    guard let all = members.object else { return notes + ["recommended.json: \"operations\" is not read; it is no object"] }
    notes += unread(all, operations, "the operation ")
    for (operation, members) in all.sorted(by: { $0.key < $1.key }) where operations.contains(operation) {
      guard let members = members.object else {
        notes.append("recommended.json: \"\(operation)\" is not read; it is no object")
        continue
      }
      notes += unread(members, properties, operation + " has ")
    }
    return notes
  }
}
