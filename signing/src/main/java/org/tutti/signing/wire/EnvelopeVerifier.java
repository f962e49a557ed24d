package org.tutti.signing.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.request.SigningRequest;

import java.util.List;

/// Turns bytes from a stream into messages of members. Has no state: called by every stream's own
/// thread, so that no peer's signatures cost another peer's time.
public final class EnvelopeVerifier {
    /// Most bytes that an envelope has besides its payload: key, type and signature.
    private static final int ENVELOPE_BYTES = 1 << 10;

    /// Most bytes that a payload has besides its content. Another encoding of the same may be
    /// longer, and so may words before they were cleaned.
    private static final int PADDING = 2 << 10;

    /// Most envelopes that an Abort may carry as proof.
    public static final int MAX_PROOFS = 2;

    /// Most bytes of them together. Everybody sends an Abort to everybody: larger proofs stay in
    /// the evidence file of who found them.
    public static final int MAX_PROOF_BYTES = 32 << 10;

    private final SignerGroup group;
    private final SigningLimits limits;

    public EnvelopeVerifier(SignerGroup group, SigningLimits limits) {
        this.group = group;
        this.limits = limits;
    }

    /// Membership is checked before the signature: strangers' signatures cost nothing.
    ///
    /// @throws WireException with the reason to count the message under
    public Inbound open(Bytes frame) throws WireException {
        if (frame.length() > limits.frameBytes()) {
            throw new WireException(DropReason.OVERSIZE, "a frame of " + frame.length() + " bytes");
        }
        SignedEnvelope sealed = VerifiedEnvelope.decode(frame);
        PeerId peer = sealed.signer();
        Member author =
                group.member(peer)
                        .orElseThrow(() ->
                                new WireException(
                                        DropReason.UNKNOWN_SIGNER, peer + " is no member"));
        VerifiedEnvelope opened = VerifiedEnvelope.verified(sealed, frame);
        requireLean(frame, opened.payload().length() + ENVELOPE_BYTES);
        return opened.isRequest() ? request(author, opened) : statement(author, opened);
    }

    private Inbound.Request request(Member author, VerifiedEnvelope opened) throws WireException {
        SigningRequest request = RequestCodec.decode(opened.payload(), limits);
        requireLean(opened.payload(), PADDING + RequestCodec.bytesFor(request));
        if (!request.requester().equals(author.peerId())) {
            throw new WireException(DropReason.WRONG_INDEX, "a request in another's name");
        }
        return new Inbound.Request(author, request, opened.envelope());
    }

    private Inbound.Statement statement(Member author, VerifiedEnvelope opened)
            throws WireException {
        Contribution contribution = opened.contribution();
        if (contribution.signer() != author.index()) {
            throw new WireException(
                    DropReason.WRONG_INDEX, author + " speaks as signer " + contribution.signer());
        }
        requireLean(opened.payload(), PADDING + ContributionCodec.encode(contribution).length());
        switch (contribution.body()) {
            case Contribution.Abort abort -> {
                requireIndices(abort.culprits());
                requireProof(abort.proof());
            }
            case Contribution.Want want -> requireIndices(want.signers());
            case Contribution.View view -> {
                if (view.envelopes().size() > group.size()) {
                    throw new WireException(DropReason.MALFORMED, "a view of too many");
                }
            }
            case Contribution.Nonces nonces -> requireOnePerMessage(nonces.nonces());
            case Contribution.Partials partials -> requireOnePerMessage(partials.partials());
            case Contribution.Final fin -> requireOnePerMessage(fin.signatures());
            case Contribution.Ready _, Contribution.Refuse _ -> {}
        }
        return new Inbound.Statement(author, contribution, opened.payload(), opened.envelope());
    }

    private void requireOnePerMessage(List<Bytes> values) throws WireException {
        if (values.size() > limits.messages()) {
            throw new WireException(DropReason.MALFORMED, "more than any session has messages");
        }
    }

    /// What is kept, journaled and passed on is the message as it came: fields that nobody reads
    /// must not make it larger than its content is.
    private static void requireLean(Bytes bytes, int most) throws WireException {
        if (bytes.length() > most) {
            throw new WireException(DropReason.MALFORMED, "padded to " + bytes.length() + " bytes");
        }
    }

    private static void requireProof(List<Bytes> proof) throws WireException {
        if (proof.size() > MAX_PROOFS
                || proof.stream().mapToInt(Bytes::length).sum() > MAX_PROOF_BYTES) {
            throw new WireException(DropReason.MALFORMED, "a proof that is too large");
        }
    }

    private void requireIndices(List<Integer> indices) throws WireException {
        boolean fits =
                indices.size() <= group.size()
                        && indices.stream().allMatch(index -> index >= 0 && index < group.size());
        if (!fits) {
            throw new WireException(DropReason.MALFORMED, "signers that do not exist");
        }
    }
}
