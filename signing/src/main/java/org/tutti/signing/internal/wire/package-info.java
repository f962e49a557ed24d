/// Messages on the stream `/tutti/sign/1.0.0`: signed envelopes with protobuf inside. Spec:
/// docs/protocol.md, "Stream", "Request" and "Contribution". Start reading at
/// [org.tutti.signing.internal.wire.Inbound] and
/// [org.tutti.signing.internal.wire.EnvelopeVerifier].
@NullMarked
package org.tutti.signing.internal.wire;

import org.jspecify.annotations.NullMarked;
