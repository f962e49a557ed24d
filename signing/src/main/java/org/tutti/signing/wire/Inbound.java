package org.tutti.signing.wire;

import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;

/// A message whose envelope was verified and whose author is a member.
public sealed interface Inbound {
    /// Who signed it; not necessarily the peer that it came from.
    Member author();

    /// As received: what is passed on, kept and shown as evidence. Never re-encoded.
    Bytes envelope();

    /// Someone asks for signatures.
    record Request(Member author, SigningRequest request, Bytes envelope) implements Inbound {}

    /// A statement about a session.
    ///
    /// @param payload the signed bytes inside the envelope: two of them for one slot are compared,
    ///   not the envelopes, whose signatures might differ for equal content
    record Statement(Member author, Contribution contribution, Bytes payload, Bytes envelope)
            implements Inbound {}
}
