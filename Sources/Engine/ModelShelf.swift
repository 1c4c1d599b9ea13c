// SPDX-License-Identifier: LGPL-3.0-or-later
/// What the models of a family are called where they are looked for.
package struct ModelShelf: Sendable {
  /// The environment variable that names one: "GEGL_INPAINT_MODEL".
  package let variable: String
  /// Among the user's models, the one that is used by itself: "default".
  let usersDefault: String
  /// The one that comes with the plug-in: "mini".
  let installed: String
  /// For messages: "a Stable Diffusion inpainting model".
  let wanted: String
}
