/// Bytes on the stream `/tutti/sign/1.0.0`: frames, signed envelopes, protobuf inside. Spec:
/// docs/protocol.md, "Wire". Start reading at [org.tutti.signing.wire.Inbound] and
/// [org.tutti.signing.wire.EnvelopeVerifier].
@NullMarked
package org.tutti.signing.wire;

import org.jspecify.annotations.NullMarked;
