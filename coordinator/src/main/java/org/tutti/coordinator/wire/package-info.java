/// Bytes on the stream `/tutti/sign/1.0.0`: frames, signed envelopes, protobuf inside. Spec:
/// docs/protocol.md, "Wire". Start reading at [org.tutti.coordinator.wire.Inbound] and
/// [org.tutti.coordinator.wire.Opener].
@NullMarked
package org.tutti.coordinator.wire;

import org.jspecify.annotations.NullMarked;
