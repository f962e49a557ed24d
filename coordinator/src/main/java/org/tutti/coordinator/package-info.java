/// Signers who share no configured group: who knows of whom, who wants what signed, and who agreed.
/// When all whose keys a request names have joined it, `signing` makes the signatures, and its
/// safety rules do not change for that.
///
/// Packages for users: `message` (what is said, and by whose keys it is signed), `approval` (who
/// decides), `event` (what happens), `service` (the entry point), `store` (what a restart finds).
/// Below `internal`: `engine` (the pure state machine), `wire` (messages as bytes).
///
/// The bytes are in docs/protocol.md, "Coordination". Start reading at
/// [org.tutti.coordinator.service.Coordinator].
@NullMarked
package org.tutti.coordinator;

import org.jspecify.annotations.NullMarked;
