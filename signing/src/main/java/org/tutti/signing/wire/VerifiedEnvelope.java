package org.tutti.signing.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;

/// An envelope whose signature was verified under the domain of its payload type; whether its
/// author is anybody is not known here.
///
/// @param type payload type, one of the protocol's
public record VerifiedEnvelope(PeerId author, Bytes type, Bytes payload, Bytes envelope) {
    /// @throws WireException if it is no envelope of this protocol or wrongly signed
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

    static VerifiedEnvelope verified(SignedEnvelope sealed, Bytes envelope) throws WireException {
        try {
            sealed.verify(
                    sealed.payloadType().equals(PayloadType.REQUEST.bytes())
                            ? PayloadType.REQUEST_DOMAIN
                            : PayloadType.CONTRIBUTION_DOMAIN);
            return new VerifiedEnvelope(
                    sealed.signer(), sealed.payloadType(), sealed.payload(), envelope);
        } catch (EnvelopeException e) {
            throw new WireException(DropReason.BAD_ENVELOPE, String.valueOf(e.getMessage()));
        }
    }

    public boolean isRequest() {
        return type.equals(PayloadType.REQUEST.bytes());
    }

    /// The contribution inside.
    ///
    /// @throws WireException if there is none, or the payload type is another kind's
    public Contribution contribution() throws WireException {
        Contribution contribution = ContributionCodec.decode(payload);
        if (!type.equals(PayloadType.of(contribution.body()).bytes())) {
            throw new WireException(DropReason.MALFORMED, "payload type and content differ");
        }
        return contribution;
    }
}
