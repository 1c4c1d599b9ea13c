import Testing

@testable import Tensors

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

  @Test func cancellingIsSeenAtTheNextLayer() throws {
    let workspace = Workspace()
    try workspace.checkCancellation()
    workspace.cancel()
    #expect(throws: Cancelled.self) { try workspace.checkCancellation() }
  }
}
