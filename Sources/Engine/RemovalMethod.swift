// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Properties
import SEELE

extension Request {
  /// The request that models carry out: this one, or where LaMa removes the same asked of LaMa.  note: what the user may want
  /// to know of that; nil where it is as expected.
  ///
  /// search: where an operation's models are looked for.
  package func carriedOut(_ search: (Operation) -> ModelSearch = { ModelSearch($0) }) -> (request: Request, note: String?) {
    guard operation == .seeleRemove else { return (self, nil) }
    let reason = reasonForLaMa(search)
    guard reason != nil || self.method == .lama else { return (self, nil) }
    let (request, allLost) = asked(of: .lamaInpaint)
    let lost = allLost.filter { !["method", "seed"].contains($0) }  // hosts draw seeds, which nobody misses
    let notes = [reason, lost.isEmpty ? nil : "LaMa takes no \(lost.joined(separator: ", "))"].compactMap { $0 }
    return (request, notes.isEmpty ? nil : notes.joined(separator: "; "))
  }

  /// Why LaMa removes although the user left it open; nil where it does not.
  private func reasonForLaMa(_ search: (Operation) -> ModelSearch) -> String? {
    guard self.method == .auto, self.taskPrompt.isEmpty else { return nil }
    let (usual, prompt) = (search(.seeleRemove), DiffusionTask.removalPrompt)
    let lama = self.model.isEmpty ? search(.lamaInpaint).candidates.first : nil
    if lama != nil, usual.candidates.isEmpty { return "method=lama: no other model is found" }
    guard let pack = try? usual.open(self.model) else { return nil }  // the run says why
    if LaMaPainter.recognizes(pack) { return "method=lama: \(pack.path) is a LaMa" }
    guard let lama, (try? pack.taskPrompt(prompt)) == nil else { return nil }
    return "method=lama: \(lama.path) is there, and no learned prompt \"\(prompt)\" in \(pack.path)"
  }
}
