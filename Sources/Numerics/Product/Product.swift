// SPDX-License-Identifier: LGPL-3.0-or-later
import CKernels

extension PackedWeights {
  /// rows weights^T with the epilogue, to `result`, [rows, outputs] in any shape (gated: half of the outputs).
  ///
  /// Stride-1 3x3 convolutions go by Winograd's algorithm where that is expected to be faster.
  package func multiply(_ rows: Rows, _ epilogue: Epilogue, to result: Tensor) {
    epilogue.bias.withUnsafeBufferPointer { bias in
      let count = result.count / max(width, 1)
      let images = epilogue.perImage?.dim(0) ?? 1
      var product = CProduct(
        rows: rows.source, weights: layout, packed: packed,
        epilogue: CProductEpilogue(
          bias: bias.isEmpty ? nil : bias.baseAddress, vectors: epilogue.perImage.map { UnsafePointer($0.pointer) },
          rows_per_vector: Int64(max(1, count / images)), residual: epilogue.residual.map { UnsafePointer($0.pointer) },
          residual_stride: Int64(outputs), activation: epilogue.activation.code),
        out: result.pointer, out_stride: Int64(width))
      let isWinograd = arithmetic.kernels.winograd_pays(&product, arithmetic.machine)
      let kind: Profile.Kind = isWinograd ? .winograd : layout.taps > 1 ? .convolution : .linear
      let operations = 2 * Double(cproduct_row_count(&product.rows)) * Double(outputs) * Double(inputs) * Double(layout.taps)
      result.workspace.measured(kind, operations: operations) {
        isWinograd ? runWinograd(&product, in: result.workspace) : runDirect(&product, in: result.workspace)
      }
    }
    withExtendedLifetime(epilogue) {}
  }

  private func runDirect(_ product: UnsafePointer<CProduct>, in workspace: Workspace) {
    let kernels = arithmetic.kernels
    var plan = kernels.plan(product, arithmetic.machine)
    withUnsafePointer(to: &plan) { plan in
      workspace.parallelFor(Int(plan.pointee.tasks), scratch: floats(plan.pointee.scratch)) { task, scratch in
        kernels.run(product, plan, Int64(task), scratch)
      }
    }
  }

  private func runWinograd(_ product: UnsafePointer<CProduct>, in workspace: Workspace) {
    let kernels = arithmetic.kernels
    var plan = kernels.winograd_plan(product, arithmetic.machine)
    withUnsafePointer(to: &plan) { plan in
      let shared = Tensor([floats(plan.pointee.shared)], in: workspace)
      let scratch = floats(plan.pointee.scratch)
      for band in 0..<plan.pointee.bands {
        workspace.parallelFor(Int(plan.pointee.transform_tasks), scratch: scratch) { task, scratch in
          kernels.winograd_transform(product, plan, band, Int64(task), shared.pointer, scratch)
        }
        workspace.parallelFor(Int(plan.pointee.multiply_tasks), scratch: scratch) { task, scratch in
          kernels.winograd_multiply(product, plan, band, Int64(task), shared.pointer, scratch)
        }
      }
    }
  }
}

/// How many floats hold so many bytes.
func floats(_ byteCount: Int64) -> Int { (Int(byteCount) + 3) / 4 }
