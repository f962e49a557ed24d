package org.tutti.signing.internal.wire;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
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

    private static SignedEnvelope decode(Bytes envelope) throws WireException {
        return decode(envelope, PublicKey::fromProtobuf);
    }

    static SignedEnvelope decode(Bytes envelope, SignedEnvelope.KeyReader keys)
            throws WireException {
        try {
            return SignedEnvelope.decode(envelope, keys);
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
        PayloadType known = PayloadType.find(type);
        // One that nobody knows is refused when its content is read, as a statement's.
        return known == null ? PayloadType.CONTRIBUTION_DOMAIN : known.domain();
    }

    /// The payload type; null if it is none of the protocol's.
    @Nullable PayloadType kind() {
        return PayloadType.find(type);
    }

    public boolean isRequest() {
        return kind() == PayloadType.REQUEST;
    }

    /// The contribution inside.
    ///
    /// @throws WireException if it does not decode as one, or as another kind than the payload type
    ///   says
    public Contribution contribution() throws WireException {
        Contribution contribution = ContributionCodec.decode(payload);
        if (kind() != PayloadType.of(contribution.body())) {
            throw new WireException(DropReason.MALFORMED, "payload type and content differ");
        }
        return contribution;
    }
}
