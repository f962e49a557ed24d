package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.Terms;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningLimits;

/// Verifies for an engine what members have signed, beside the messages that it receives, which are
/// verified before, and partial signatures. A port, because where many engines run in one test each
/// would verify the same again.
public interface Verification {
    /// A request or statement inside another message, or in a journal.
    ///
    /// @throws WireException if it is not one of this group
    Inbound inner(Bytes envelope) throws WireException;

    /// Whether the member's signing key attests its peer id, at whatever time.
    boolean isAttested(RequestGroup group, Member member, KeyAttestation attestation);

    /// Whether the member's signing key agreed to these terms.
    boolean isAgreed(RequestGroup group, Member member, Terms terms);

    /// Verifies each time.
    static Verification of(SignerGroup group, SigningLimits limits) {
        EnvelopeVerifier envelopes = new EnvelopeVerifier(GroupTable.of(group), limits);
        return new Verification() {
            @Override
            public Inbound inner(Bytes envelope) throws WireException {
                return envelopes.verifyInner(envelope);
            }

            @Override
            public boolean isAttested(RequestGroup of, Member member, KeyAttestation attestation) {
                return attestation.isOf(of, member);
            }

            @Override
            public boolean isAgreed(RequestGroup of, Member member, Terms terms) {
                return terms.isOf(of, member.signingKey());
            }
        };
    }
}
