/// What coordinating signers say: statements, each signed by a peer's identity and by the signing
/// key that speaks (docs/protocol.md, "Coordination"). Start reading at
/// [org.tutti.coordinator.message.Statement].
@NullMarked
package org.tutti.coordinator.message;

import org.jspecify.annotations.NullMarked;
