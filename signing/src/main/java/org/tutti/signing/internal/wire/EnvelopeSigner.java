package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.util.List;
import java.util.Optional;

/// Signs this node's messages with its identity key (never the signing key: SAFETY 17).
public final class EnvelopeSigner {
    private final Member self;
    private final PrivateKey identity;
    private final SignerGroup group;
    private final Bytes boot;

    /// @param boot this process's boot id
    /// @throws IllegalArgumentException if the key is not the member's identity
    public EnvelopeSigner(Member self, PrivateKey identity, SignerGroup group, Bytes boot) {
        if (!identity.publicKey().peerId().equals(self.peerId())) {
            throw new IllegalArgumentException("the identity key is not that of " + self);
        }
        this.self = self;
        this.identity = identity;
        this.group = group;
        this.boot = boot;
    }

    public Member self() {
        return self;
    }

    public Inbound.Request sign(SigningRequest request) {
        Bytes envelope =
                SignedEnvelope.seal(
                                identity,
                                PayloadType.REQUEST_DOMAIN,
                                PayloadType.REQUEST.bytes(),
                                request.payload())
                        .encode();
        return new Inbound.Request(group, self, request, envelope);
    }

    /// This process's boot id.
    public Bytes boot() {
        return boot;
    }

    /// The greeting for a member.
    ///
    /// @param remembered the member's own statement with its highest journal head, if there is one
    /// @param challenge number of this challenge
    /// @param sayAgain whether the member is to say hello again
    /// @param recovering id of this node's journal if it must not be used yet, or empty
    public Inbound.Greeting greet(
            Optional<Inbound.Statement> remembered,
            long challenge,
            Terms terms,
            boolean sayAgain,
            Bytes recovering) {
        return greet(remembered, challenge, terms, sayAgain, recovering, Bytes.EMPTY);
    }

    /// The greeting for one process of a member.
    ///
    /// @param receiverBoot boot id of that process; empty if none is named
    public Inbound.Greeting greet(
            Optional<Inbound.Statement> remembered,
            long challenge,
            Terms terms,
            boolean sayAgain,
            Bytes recovering,
            Bytes receiverBoot) {
        Hello hello =
                new Hello(
                        group.id(),
                        self.index(),
                        boot,
                        remembered.map(Inbound.Statement::envelope).orElse(Bytes.EMPTY),
                        challenge,
                        terms,
                        sayAgain,
                        recovering,
                        receiverBoot);
        Bytes envelope = sealHello(PayloadType.HELLO, hello.encode());
        return new Inbound.Greeting(group, self, hello, remembered, envelope);
    }

    /// A challenge to all members.
    public Inbound.Challenged challenge(
            long number, List<Challenge.Seen> seen, List<Integer> asked) {
        Challenge challenge = new Challenge(group.id(), self.index(), boot, number, seen, asked);
        Bytes envelope = sealHello(PayloadType.CHALLENGE, challenge.encode());
        return new Inbound.Challenged(group, self, challenge, self, envelope);
    }

    /// The answer to a challenge.
    public Inbound.Answered answer(int challenger, Bytes challengerBoot, long number) {
        Answer answer =
                new Answer(group.id(), self.index(), boot, challenger, challengerBoot, number);
        Bytes envelope = sealHello(PayloadType.ANSWER, answer.encode());
        return new Inbound.Answered(group, self, answer, self, envelope);
    }

    /// This node's consent to another's new journal.
    public Inbound.Consented consent(JournalRecord.Consent consent) {
        ConsentMessage message = new ConsentMessage(group.id(), consent);
        Bytes envelope = sealHello(PayloadType.CONSENT, message.encode());
        return new Inbound.Consented(group, self, consent, envelope);
    }

    /// Asks for the next of what a member remembers.
    public Inbound.HandOverAsked askForHandOver(Bytes journal, Bytes after) {
        HandOverRequest request = new HandOverRequest(group.id(), self.index(), journal, after);
        Bytes envelope = sealHello(PayloadType.HAND_OVER_REQUEST, request.encode());
        return new Inbound.HandOverAsked(group, self, request, envelope);
    }

    /// A part of what this node remembers, in an envelope. Threads: any.
    public Bytes handOver(HandOver part) {
        return sealHello(PayloadType.HAND_OVER, part.encode());
    }

    private Bytes sealHello(PayloadType type, Bytes payload) {
        return SignedEnvelope.seal(identity, PayloadType.HELLO_DOMAIN, type.bytes(), payload)
                .encode();
    }

    public Inbound.Statement sign(SessionId session, int attempt, Contribution.Body body) {
        Contribution contribution =
                new Contribution(group.id(), boot, session, attempt, self.index(), body);
        Bytes payload = ContributionCodec.encode(contribution);
        Bytes envelope =
                SignedEnvelope.seal(
                                identity,
                                PayloadType.CONTRIBUTION_DOMAIN,
                                PayloadType.of(body).bytes(),
                                payload)
                        .encode();
        return new Inbound.Statement(group, self, contribution, payload, envelope);
    }

    @Override
    public String toString() {
        return "envelopeSigner of " + self;
    }
}
