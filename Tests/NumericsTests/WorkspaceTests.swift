// SPDX-License-Identifier: LGPL-3.0-or-later
import Testing

@testable import Numerics

@Suite struct WorkspaceTests {
  @Test func aRepeatedShapeAllocatesOnce() {
    let workspace = Workspace()
    for _ in 0..<3 {
      _ = Tensor([1, 128, 256], in: workspace)
    }
    #expect(workspace.largeAllocations == 1)
  }

  @Test func aBlockInUseIsNotHandedOutAgain() {
    let workspace = Workspace()
    let first = Tensor([16], repeating: 1, in: workspace)
    let second = Tensor([16], repeating: 2, in: workspace)
    #expect(first.array.allSatisfy { $0 == 1 })
    #expect(second.array.allSatisfy { $0 == 2 })
  }

  @Test func aCopySharesNothing() {
    let workspace = Workspace()
    let first = Tensor([4], [1, 2, 3, 4], in: workspace)
    first.copy().pointer[0] = 9
    #expect(first.array == [1, 2, 3, 4])
  }

  @Test func whatWasReservedIsUsedFirstAndAgain() throws {
    let workspace = Workspace()
    try workspace.reserve(4 << 20)
    for _ in 0..<3 {
      let pieces = (0..<4).map { Tensor([256, 1024], repeating: Float($0), in: workspace) }  // all of it
      #expect(pieces.enumerated().allSatisfy { index, piece in piece.array.allSatisfy { $0 == Float(index) } })
      workspace.trim()
    }
    // What was cut into pieces is whole again.
    _ = Tensor([1024, 1024], repeating: 1, in: workspace)
    #expect(workspace.largeAllocations == 0 && workspace.peakBytes == 4 << 20)
    let (all, more) = (Tensor([1024, 1024], in: workspace), Tensor([1024, 1024], repeating: 2, in: workspace))
    #expect(workspace.largeAllocations == 1)
    all.buffer.update(repeating: 3)
    #expect(more.array.allSatisfy { $0 == 2 })
    try workspace.checkCancellation()
  }

  /// More addresses than there are to be had twice stand for a system without memory.
  @Test func aBlockThatTheSystemRefusesEndsTheRunAtItsNextLayer() throws {
    let workspace = Workspace()
    try workspace.reserve(1 << 46)
    let first = Tensor([1 << 44], in: workspace)
    try workspace.checkCancellation()
    let second = Tensor([1 << 44], in: workspace)
    second.pointer[0] = 1  // is memory
    let error = #expect(throws: OutOfMemory.self) { try workspace.checkCancellation() }
    #expect(try #require(error).description.hasPrefix("the system refused 67108864 MB of memory; close other programs"))
    withExtendedLifetime(first) {}
  }

  @Test func addressesThatTheSystemHasNotAreRefusedAtOnce() {
    #expect(throws: OutOfMemory.self) { try Workspace().reserve(1 << 60) }
  }

  @Test func cancellingIsSeenAtTheNextLayer() throws {
    let workspace = Workspace()
    try workspace.checkCancellation()
    workspace.cancel()
    #expect(throws: Cancelled.self) { try workspace.checkCancellation() }
  }
}
