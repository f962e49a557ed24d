package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decodes and verifies frames into messages of members. Each stream calls it on its own thread, so
/// that verifying one peer's signatures does not delay another peer; all that it remembers is the
/// members' keys.
public final class EnvelopeVerifier {
    /// Most bytes that an envelope has besides its payload: key, type and signature.
    private static final int ENVELOPE_BYTES = 1 << 10;

    /// Most bytes that a payload has besides its content. Another encoding of the same content may
    /// be longer, and so may text before it was cleaned.
    private static final int PADDING = 2 << 10;

    /// Most envelopes that an Abort may carry as proof.
    public static final int MAX_PROOFS = 2;

    /// Most bytes of them together. Every signer sends its Abort to all others: larger proofs stay
    /// in the evidence file of the node that found them.
    public static final int MAX_PROOF_BYTES = 32 << 10;

    /// Most bytes of the statement that a hello remembers: nonces of as many messages as a request
    /// may have are far below.
    public static final int MAX_REMEMBERED = 64 << 10;

    private final GroupTable groups;
    private final SigningLimits limits;
    private final MemberKeys keys;

    public EnvelopeVerifier(GroupTable groups, SigningLimits limits) {
        this.groups = groups;
        this.limits = limits;
        this.keys = new MemberKeys(groups);
    }

    /// Checks membership before the signature: no work for peers that are not members.
    ///
    /// @throws WireException with the reason under which the message is counted
    public Inbound verify(Bytes frame) throws WireException {
        return verify(frame, Optional.empty());
    }

    private VerifiedEnvelope open(Bytes envelope) throws WireException {
        if (envelope.length() > limits.frameBytes()) {
            throw new WireException(
                    DropReason.OVERSIZE, "an envelope of " + envelope.length() + " bytes");
        }
        SignedEnvelope signed = VerifiedEnvelope.decode(envelope, keys);
        PeerId peer = signed.signer();
        if (!groups.hasMember(peer)) {
            throw unknown(peer);
        }
        VerifiedEnvelope verified = VerifiedEnvelope.verified(signed, envelope);
        requireUnpadded(envelope, verified.payload().length() + ENVELOPE_BYTES);
        return verified;
    }

    private Inbound verify(Bytes frame, Optional<PeerId> sender) throws WireException {
        VerifiedEnvelope verified = open(frame);
        PayloadType kind = verified.kind();
        if (kind == null) {
            return requestOrStatement(verified);
        }
        return switch (kind) {
            case HELLO -> greeting(verified);
            case CHALLENGE -> challenge(verified, sender);
            case ANSWER -> answer(verified, sender);
            case CONSENT -> consent(verified);
            case HAND_OVER_REQUEST -> handOverRequest(verified);
            case HAND_OVER -> handOver(verified);
            case REQUEST,
                    READY,
                    NONCES,
                    PARTIALS,
                    REFUSE,
                    ABORT,
                    NONCE_SET,
                    FINAL,
                    RETRANSMISSION_REQUEST ->
                    requestOrStatement(verified);
        };
    }

    private Inbound requestOrStatement(VerifiedEnvelope verified) throws WireException {
        return verified.isRequest() ? request(verified) : statement(verified);
    }

    /// A request or a statement alone: what stands inside other messages, and in journals. A
    /// message that has others inside is refused there, or the work would grow with the square of a
    /// frame's length.
    public Inbound verifyInner(Bytes envelope) throws WireException {
        return requestOrStatement(open(envelope));
    }

    /// As [#verify(Bytes)]; a hello speaks of the stream that it is on, and what is said of lost
    /// journals is for its receiver, so that nobody passes on another's. A message is taken from
    /// members of its group alone, also when a member has signed it: whoever is in another group
    /// with this node has no part in this one.
    ///
    /// @param sender whose stream it is
    public Inbound verify(Bytes frame, PeerId sender) throws WireException {
        Inbound message = verify(frame, Optional.of(sender));
        Member via = member(message.group(), sender);
        boolean ofItsStream =
                switch (message) {
                    case Inbound.Greeting _,
                            Inbound.Consented _,
                            Inbound.HandOverAsked _,
                            Inbound.HandedOver _ ->
                            true;
                    case Inbound.Request _,
                            Inbound.Statement _,
                            Inbound.Challenged _,
                            Inbound.Answered _ ->
                            false;
                };
        if (ofItsStream && !message.author().equals(via)) {
            throw new WireException(
                    DropReason.WRONG_INDEX, via + " says what " + message.author() + " has to say");
        }
        return message;
    }

    private SignerGroup group(Bytes id) throws WireException {
        return groups.find(id)
                .orElseThrow(() ->
                        new WireException(DropReason.WRONG_GROUP, "for a group that is not here"));
    }

    private static Member author(SignerGroup group, VerifiedEnvelope verified)
            throws WireException {
        return member(group, verified.author());
    }

    private static Member member(SignerGroup group, PeerId peer) throws WireException {
        return group.member(peer).orElseThrow(() -> unknown(peer));
    }

    /// The member whose stream it came on; without a stream its author.
    private static Member via(SignerGroup group, Member author, Optional<PeerId> sender)
            throws WireException {
        return sender.isPresent() ? member(group, sender.get()) : author;
    }

    private static WireException unknown(PeerId peer) {
        return new WireException(DropReason.UNKNOWN_SIGNER, peer + " is not a member");
    }

    private Inbound.Greeting greeting(VerifiedEnvelope verified) throws WireException {
        Hello hello = Hello.decode(verified.payload());
        SignerGroup group =
                groups.find(hello.group())
                        .orElseThrow(() -> new OtherGroupException(hello.group()));
        Member author = author(group, verified);
        requireIndex(author, hello.signer());
        if (hello.remembered().length() > MAX_REMEMBERED) {
            throw new WireException(DropReason.OVERSIZE, "a hello that remembers too much");
        }
        requireUnpadded(verified.payload(), PADDING + hello.remembered().length());
        return new Inbound.Greeting(
                group, author, hello, remembered(group, hello.remembered()), verified.envelope());
    }

    /// Only its signature and author matter: the limits may have been others when it was signed.
    private static Optional<Inbound.Statement> remembered(SignerGroup group, Bytes envelope)
            throws WireException {
        if (envelope.isEmpty()) {
            return Optional.empty();
        }
        VerifiedEnvelope verified = VerifiedEnvelope.of(envelope);
        Contribution contribution = verified.contribution();
        if (!contribution.group().equals(group.id())) {
            throw new WireException(DropReason.MALFORMED, "a hello remembers another group");
        }
        Member author = author(group, verified);
        requireIndex(author, contribution.signer());
        return Optional.of(
                new Inbound.Statement(group, author, contribution, verified.payload(), envelope));
    }

    private Inbound.Challenged challenge(VerifiedEnvelope verified, Optional<PeerId> sender)
            throws WireException {
        Challenge challenge = Challenge.decode(verified.payload());
        SignerGroup group = group(challenge.group());
        Member author = author(group, verified);
        requireIndex(author, challenge.signer());
        requireIndices(group, challenge.asked());
        for (Challenge.Seen seen : challenge.seen()) {
            requireSigner(group, seen.signer());
        }
        if (challenge.seen().size() > Challenge.MAX_PER_SIGNER * group.size()) {
            throw new WireException(DropReason.MALFORMED, "a challenge that sees too many");
        }
        requireUnpadded(verified.payload(), PADDING + challenge.bytesOfLists());
        return new Inbound.Challenged(
                group, author, challenge, via(group, author, sender), verified.envelope());
    }

    private Inbound.Answered answer(VerifiedEnvelope verified, Optional<PeerId> sender)
            throws WireException {
        Answer answer = Answer.decode(verified.payload());
        SignerGroup group = group(answer.group());
        Member author = author(group, verified);
        requireIndex(author, answer.signer());
        requireSigner(group, answer.challenger());
        requireUnpadded(verified.payload(), PADDING);
        return new Inbound.Answered(
                group, author, answer, via(group, author, sender), verified.envelope());
    }

    private Inbound.Consented consent(VerifiedEnvelope verified) throws WireException {
        ConsentMessage message = ConsentMessage.decode(verified.payload());
        SignerGroup group = group(message.group());
        Member author = author(group, verified);
        requireIndex(author, message.consent().signer());
        requireSigner(group, message.consent().member());
        requireUnpadded(verified.payload(), PADDING + message.encode().length());
        return new Inbound.Consented(group, author, message.consent(), verified.envelope());
    }

    private Inbound.HandOverAsked handOverRequest(VerifiedEnvelope verified) throws WireException {
        HandOverRequest request = HandOverRequest.decode(verified.payload());
        SignerGroup group = group(request.group());
        Member author = author(group, verified);
        requireIndex(author, request.signer());
        requireUnpadded(verified.payload(), PADDING);
        return new Inbound.HandOverAsked(group, author, request, verified.envelope());
    }

    private Inbound.HandedOver handOver(VerifiedEnvelope verified) throws WireException {
        HandOver part = HandOver.decode(verified.payload());
        SignerGroup group = group(part.group());
        Member author = author(group, verified);
        requireIndex(author, part.signer());
        List<Inbound.HandedOver.Session> sessions = new ArrayList<>();
        for (HandOver.Session session : part.sessions()) {
            sessions.add(handedOver(group, session));
        }
        for (HandOver.Key key : part.keys()) {
            requireSigner(group, key.requester());
        }
        return new Inbound.HandedOver(group, author, part, sessions, verified.envelope());
    }

    private Inbound.HandedOver.Session handedOver(SignerGroup group, HandOver.Session session)
            throws WireException {
        if (!(verifyInner(session.request()) instanceof Inbound.Request request)
                || !request.group().equals(group)
                || session.nonces().size() > group.size()
                || session.partials().size() > group.size()) {
            throw new WireException(
                    DropReason.MALFORMED, "a hand-over with an entry that is not a session");
        }
        return new Inbound.HandedOver.Session(
                request,
                about(request, session.nonces(), Contribution.Nonces.class),
                about(request, session.partials(), Contribution.Partials.class),
                session.signatures());
    }

    private List<Inbound.Statement> about(
            Inbound.Request request, List<Bytes> envelopes, Class<? extends Contribution.Body> kind)
            throws WireException {
        List<Inbound.Statement> statements = new ArrayList<>();
        for (Bytes envelope : envelopes) {
            statements.add(about(request, envelope, kind));
        }
        return statements;
    }

    private Inbound.Statement about(
            Inbound.Request request, Bytes envelope, Class<? extends Contribution.Body> kind)
            throws WireException {
        if (verifyInner(envelope) instanceof Inbound.Statement statement
                && statement.group().equals(request.group())
                && statement.contribution().session().equals(request.request().sessionId())
                && kind.isInstance(statement.contribution().body())) {
            return statement;
        }
        throw new WireException(DropReason.MALFORMED, "hands over another session's messages");
    }

    private static void requireIndex(Member author, int signer) throws WireException {
        if (signer != author.index()) {
            throw new WireException(
                    DropReason.WRONG_INDEX, author + " claims to be signer " + signer);
        }
    }

    private Inbound.Request request(VerifiedEnvelope verified) throws WireException {
        SigningRequest request = RequestCodec.decode(verified.payload(), limits);
        SignerGroup group = group(request.group().id());
        Member author = author(group, verified);
        requireUnpadded(verified.payload(), PADDING + RequestCodec.bytesFor(request));
        if (!request.requester().equals(author.peerId())) {
            throw new WireException(
                    DropReason.WRONG_INDEX, "a request whose requester is not its author");
        }
        return new Inbound.Request(group, author, request, verified.envelope());
    }

    private Inbound.Statement statement(VerifiedEnvelope verified) throws WireException {
        Contribution contribution = verified.contribution();
        SignerGroup group = group(contribution.group());
        Member author = author(group, verified);
        requireIndex(author, contribution.signer());
        // Encoded again only where it could be too long: most statements are shorter than what is
        // allowed beside any content.
        if (verified.payload().length() > PADDING) {
            requireUnpadded(
                    verified.payload(), PADDING + ContributionCodec.encode(contribution).length());
        }
        switch (contribution.body()) {
            case Contribution.Abort abort -> {
                requireIndices(group, abort.culprits());
                requireProof(abort.proof());
            }
            case Contribution.RetransmissionRequest wanted ->
                    requireIndices(group, wanted.signers());
            case Contribution.NonceSet nonceSet -> {
                if (nonceSet.envelopes().size() > group.size()
                        || nonceSet.attestations().size() > group.size()) {
                    throw new WireException(
                            DropReason.MALFORMED, "a nonce set of too many signers");
                }
            }
            case Contribution.Nonces nonces -> requireOnePerMessage(nonces.nonces());
            case Contribution.Partials partials -> requireOnePerMessage(partials.partials());
            case Contribution.Final fin -> requireOnePerMessage(fin.signatures());
            case Contribution.Ready _, Contribution.Refuse _ -> {}
        }
        return new Inbound.Statement(
                group, author, contribution, verified.payload(), verified.envelope());
    }

    private void requireOnePerMessage(List<Bytes> values) throws WireException {
        if (values.size() > limits.requests().messages()) {
            throw new WireException(
                    DropReason.MALFORMED, "more values than a session can have messages");
        }
    }

    /// A message is kept, journaled and forwarded as it was received: unknown fields must not make
    /// it larger than its content needs.
    private static void requireUnpadded(Bytes bytes, int most) throws WireException {
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

    private static void requireIndices(SignerGroup group, List<Integer> indices)
            throws WireException {
        if (indices.size() > group.size()) {
            throw noSuchSigner();
        }
        for (int index : indices) {
            requireSigner(group, index);
        }
    }

    private static void requireSigner(SignerGroup group, int index) throws WireException {
        if (index < 0 || index >= group.size()) {
            throw noSuchSigner();
        }
    }

    private static WireException noSuchSigner() {
        return new WireException(DropReason.MALFORMED, "signers that do not exist");
    }
}
