package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.signing.session.DropReason;

/// An envelope whose signature was verified under the domain of its payload type. Whether its
/// author is a member is not checked here.
///
/// @param type payload type, one of the protocol's
public record VerifiedEnvelope(PeerId author, Bytes type, Bytes payload, Bytes envelope) {
    /// @throws WireException if it is not an envelope of this protocol, or its signature is wrong
    public static VerifiedEnvelope of(Bytes envelope) throws WireException {
        return verified(decode(envelope), envelope);
    }

    static SignedEnvelope decode(Bytes envelope) throws WireException {
        try {
            return SignedEnvelope.decode(envelope);
        } catch (EnvelopeException e) {
            throw new WireException(DropReason.BAD_ENVELOPE, String.valueOf(e.getMessage()));
        }
    }

    static VerifiedEnvelope verified(SignedEnvelope signed, Bytes envelope) throws WireException {
        try {
            signed.verify(domain(signed.payloadType()));
            return new VerifiedEnvelope(
                    signed.signer(), signed.payloadType(), signed.payload(), envelope);
        } catch (EnvelopeException e) {
            throw new WireException(DropReason.BAD_ENVELOPE, String.valueOf(e.getMessage()));
        }
    }

    private static String domain(Bytes type) {
        if (type.equals(PayloadType.REQUEST.bytes())) {
            return PayloadType.REQUEST_DOMAIN;
        }
        boolean ofProcesses =
                type.equals(PayloadType.HELLO.bytes())
                        || type.equals(PayloadType.CHALLENGE.bytes())
                        || type.equals(PayloadType.ANSWER.bytes())
                        || type.equals(PayloadType.CONSENT.bytes())
                        || type.equals(PayloadType.HAND_OVER_REQUEST.bytes())
                        || type.equals(PayloadType.HAND_OVER.bytes());
        return ofProcesses ? PayloadType.HELLO_DOMAIN : PayloadType.CONTRIBUTION_DOMAIN;
    }

    boolean is(PayloadType expected) {
        return type.equals(expected.bytes());
    }

    public boolean isRequest() {
        return is(PayloadType.REQUEST);
    }

    /// The contribution inside.
    ///
    /// @throws WireException if it does not decode as one, or as another kind than the payload type
    ///   says
    public Contribution contribution() throws WireException {
        Contribution contribution = ContributionCodec.decode(payload);
        if (!type.equals(PayloadType.of(contribution.body()).bytes())) {
            throw new WireException(DropReason.MALFORMED, "payload type and content differ");
        }
        return contribution;
    }
}
