package org.tutti.signing.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;

import java.util.Collections;
import java.util.List;
import java.util.Optional;

class EnvelopeVerifierTest {
    private static final String REQUEST = "tutti-sign-request";
    private static final String CONTRIBUTION = "tutti-sign-contribution";

    private final GroupFixture fixture = new GroupFixture(3, 42);
    private final GroupFixture.Owner alice = fixture.owner(0);
    private final GroupFixture.Owner bob = fixture.owner(1);
    private final EnvelopeVerifier verifier =
            new EnvelopeVerifier(GroupTable.of(fixture.group), SigningLimits.DEFAULT);
    private final SessionId session = new SessionId(fixture.random(32));
    private final Contribution.Ready ready =
            new Contribution.Ready(alice.attestation(), TestJournals.NO_ENTRY);

    @AfterEach
    void close() {
        fixture.close();
    }

    private final Terms terms = fixture.terms(0, GroupFixture.TERMS);

    private void refuses(Bytes frame, DropReason reason) {
        assertThatThrownBy(() -> verifier.verify(frame))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private Bytes statement(Contribution.Body body) {
        return alice.envelopeSigner().sign(session, 1, body).envelope();
    }

    private Bytes payload(int signer, Contribution.Body body) {
        return ContributionCodec.encode(
                new Contribution(fixture.group.id(), alice.boot(), session, 1, signer, body));
    }

    @Test
    void messagesOfMembersAreReturnedAsReceived() throws Exception {
        Inbound.Statement statement = alice.envelopeSigner().sign(session, 1, ready);
        assertThat(verifier.verify(statement.envelope())).isEqualTo(statement);
        Inbound.Request request = bob.envelopeSigner().sign(fixture.request(1, 2));
        assertThat(verifier.verify(request.envelope())).isEqualTo(request);
    }

    private Inbound.Greeting greet(Optional<Inbound.Statement> remembered) {
        return alice.envelopeSigner().greet(remembered, 1, terms, false, Bytes.EMPTY);
    }

    private Bytes hello(Bytes remembered) {
        Hello hello =
                new Hello(
                        fixture.group.id(),
                        alice.member().index(),
                        alice.boot(),
                        remembered,
                        1,
                        terms,
                        false,
                        Bytes.EMPTY);
        return GroupFixture.envelope(alice.identity(), "tutti-sign-hello", "hello", hello.encode());
    }

    @Test
    void helloShowsAStatementThatWasVerified() throws Exception {
        Inbound.Statement ofBob =
                bob.envelopeSigner()
                        .sign(
                                session,
                                1,
                                new Contribution.Ready(bob.attestation(), TestJournals.NO_ENTRY));
        Inbound.Greeting greeting = greet(Optional.of(ofBob));
        assertThat(verifier.verify(greeting.envelope(), alice.member().peerId()))
                .isEqualTo(greeting);
        assertThat(verifier.verify(hello(Bytes.EMPTY))).isEqualTo(greet(Optional.empty()));
    }

    @Test
    void helloThatShowsAnythingElseIsRefused() {
        byte[] forged = statement(ready).toArray();
        forged[forged.length - 1] ^= 1;
        refuses(hello(Bytes.wrap(forged)), DropReason.BAD_ENVELOPE);
        refuses(hello(Bytes.wrap(new byte[100])), DropReason.BAD_ENVELOPE);
        refuses(
                hello(Bytes.wrap(new byte[EnvelopeVerifier.MAX_REMEMBERED + 1])),
                DropReason.OVERSIZE);
        Contribution elsewhere =
                new Contribution(fixture.random(32), alice.boot(), session, 1, 0, ready);
        refuses(
                hello(
                        GroupFixture.envelope(
                                alice.identity(),
                                CONTRIBUTION,
                                "ready",
                                ContributionCodec.encode(elsewhere))),
                DropReason.MALFORMED);
    }

    @Test
    void helloForAnotherGroupSaysWhich() {
        Bytes other = fixture.random(32);
        Hello hello = new Hello(other, 0, alice.boot(), Bytes.EMPTY, 1, terms, false, Bytes.EMPTY);
        Bytes frame =
                GroupFixture.envelope(
                        alice.identity(), "tutti-sign-hello", "hello", hello.encode());
        assertThatThrownBy(() -> verifier.verify(frame))
                .isInstanceOfSatisfying(
                        OtherGroupException.class, e -> assertThat(e.group()).isEqualTo(other));
    }

    @Test
    void messageOfAMemberIsTakenFromMembersOfItsGroupAlone() {
        try (GroupFixture others = new GroupFixture(2, 43)) {
            PeerId stranger = others.owner(0).member().peerId();
            Bytes challenge = alice.envelopeSigner().challenge(7, List.of(), List.of()).envelope();
            Bytes answer = alice.envelopeSigner().answer(1, bob.boot(), 7).envelope();
            for (Bytes frame : List.of(statement(ready), challenge, answer, hello(Bytes.EMPTY))) {
                assertThatThrownBy(() -> verifier.verify(frame, stranger))
                        .isInstanceOfSatisfying(
                                WireException.class,
                                e -> assertThat(e.reason()).isEqualTo(DropReason.UNKNOWN_SIGNER));
            }
        }
    }

    @Test
    void challengesAndAnswersOfMembersAreReturnedWithTheStreamTheyCameOn() throws Exception {
        Inbound.Challenged challenge =
                alice.envelopeSigner()
                        .challenge(7, List.of(new Challenge.Seen(1, bob.boot())), List.of(0, 2));
        assertThat(verifier.verify(challenge.envelope(), alice.member().peerId()))
                .isEqualTo(challenge);
        assertThat(verifier.verify(challenge.envelope(), bob.member().peerId()))
                .isEqualTo(GroupFixture.from(challenge, bob.member()));
        Inbound.Answered answer = alice.envelopeSigner().answer(1, bob.boot(), 7);
        assertThat(verifier.verify(answer.envelope(), alice.member().peerId())).isEqualTo(answer);
        assertThat(verifier.verify(answer.envelope(), bob.member().peerId()))
                .isEqualTo(GroupFixture.from(answer, bob.member()));
    }

    @Test
    void challengesAndAnswersThatNameSignersThatDoNotExistOrTooManyAreRefused() {
        EnvelopeSigner signer = alice.envelopeSigner();
        Challenge.Seen one = new Challenge.Seen(1, bob.boot());
        refuses(signer.challenge(1, List.of(), List.of(3)).envelope(), DropReason.MALFORMED);
        refuses(signer.challenge(1, List.of(), List.of(-1)).envelope(), DropReason.MALFORMED);
        refuses(
                signer.challenge(1, List.of(new Challenge.Seen(3, bob.boot())), List.of())
                        .envelope(),
                DropReason.MALFORMED);
        refuses(
                signer.challenge(
                                1,
                                Collections.nCopies(3 * Challenge.MAX_PER_SIGNER + 1, one),
                                List.of())
                        .envelope(),
                DropReason.MALFORMED);
        refuses(
                signer.challenge(1, List.of(), List.of(0, 0, 0, 0)).envelope(),
                DropReason.MALFORMED);
        refuses(signer.answer(3, bob.boot(), 1).envelope(), DropReason.MALFORMED);
        Answer asBob = new Answer(fixture.group.id(), 1, alice.boot(), 1, bob.boot(), 1);
        refuses(
                GroupFixture.envelope(
                        alice.identity(), "tutti-sign-hello", "answer", asBob.encode()),
                DropReason.WRONG_INDEX);
        refuses(
                GroupFixture.envelope(alice.identity(), CONTRIBUTION, "answer", asBob.encode()),
                DropReason.BAD_ENVELOPE);
        for (String type : List.of("hello", "challenge", "answer")) {
            refuses(
                    GroupFixture.envelope(
                            alice.identity(), "tutti-sign-hello", type, fixture.random(40)),
                    DropReason.MALFORMED);
        }
    }

    @Test
    void helloIsOfTheMemberWhoseStreamItIsOn() throws Exception {
        Bytes greeting = greet(Optional.empty()).envelope();
        assertThatThrownBy(() -> verifier.verify(greeting, bob.member().peerId()))
                .isInstanceOfSatisfying(
                        WireException.class,
                        e -> assertThat(e.reason()).isEqualTo(DropReason.WRONG_INDEX));
        assertThat(verifier.verify(statement(ready), bob.member().peerId()))
                .as("anything else may be passed on")
                .isInstanceOf(Inbound.Statement.class);
    }

    // --- what is said of lost journals

    private static final Bytes JOURNAL = Bytes.fromHex("a1".repeat(16));

    private JournalRecord.Consent consent(int signer, int member) {
        return new JournalRecord.Consent(
                signer,
                member,
                JOURNAL,
                Optional.of(TestJournals.NO_ENTRY),
                true,
                List.of(JOURNAL),
                Bytes.wrap(new byte[64]));
    }

    private Bytes ofRecovery(String type, Bytes payload) {
        return GroupFixture.envelope(alice.identity(), "tutti-sign-hello", type, payload);
    }

    private HandOver handOver(Bytes group, int signer, HandOver.Session... sessions) {
        return new HandOver(
                group,
                signer,
                JOURNAL,
                Bytes.EMPTY,
                Bytes.EMPTY,
                true,
                List.of(sessions),
                List.of());
    }

    private void refusesToTake(HandOver.Session session, DropReason reason) {
        refuses(ofRecovery("hand-over", handOver(fixture.group.id(), 0, session).encode()), reason);
    }

    private Bytes about(GroupFixture.Owner author, SessionId id, Contribution.Body body) {
        return author.envelopeSigner().sign(id, 1, body).envelope();
    }

    @Test
    void whatIsSaidOfLostJournalsIsReturnedAsReceivedAndPassedOnByNobody() throws Exception {
        SigningRequest request = fixture.request(1, 2);
        Contribution.Nonces nonces =
                new Contribution.Nonces(
                        List.of(fixture.random(66), fixture.random(66)), TestJournals.NO_ENTRY);
        Contribution.Partials partials =
                new Contribution.Partials(
                        List.of(fixture.random(32), fixture.random(32)), fixture.random(32));
        Bytes handOver =
                alice.envelopeSigner()
                        .handOver(
                                handOver(
                                        fixture.group.id(),
                                        0,
                                        new HandOver.Session(
                                                bob.envelopeSigner().sign(request).envelope(),
                                                List.of(about(bob, request.sessionId(), nonces)),
                                                List.of(about(bob, request.sessionId(), partials)),
                                                List.of())));
        List<Bytes> messages =
                List.of(
                        alice.envelopeSigner().consent(consent(0, 1)).envelope(),
                        alice.envelopeSigner().askForHandOver(JOURNAL, Bytes.EMPTY).envelope(),
                        handOver);
        for (Bytes message : messages) {
            assertThat(verifier.verify(message, alice.member().peerId()).envelope())
                    .isEqualTo(message);
            assertThatThrownBy(() -> verifier.verify(message, bob.member().peerId()))
                    .isInstanceOfSatisfying(
                            WireException.class,
                            e -> assertThat(e.reason()).isEqualTo(DropReason.WRONG_INDEX));
        }
        assertThat(verifier.verify(messages.getFirst()))
                .isEqualTo(alice.envelopeSigner().consent(consent(0, 1)));
        assertThat(verifier.verify(handOver))
                .isInstanceOfSatisfying(
                        Inbound.HandedOver.class,
                        read ->
                                assertThat(read.sessions())
                                        .singleElement()
                                        .satisfies(one -> {
                                            assertThat(one.request().request()).isEqualTo(request);
                                            assertThat(one.nonces()).hasSize(1);
                                            assertThat(one.partials()).hasSize(1);
                                        }));
    }

    @Test
    void consentOrHandOverOfAnotherOrOfNobodyIsRefused() {
        Bytes group = fixture.group.id();
        Bytes other = fixture.random(32);
        refuses(
                ofRecovery("consent", new ConsentMessage(group, consent(1, 0)).encode()),
                DropReason.WRONG_INDEX);
        refuses(
                ofRecovery(
                        "consent",
                        new ConsentMessage(group, consent(0, fixture.group.size())).encode()),
                DropReason.MALFORMED);
        refuses(
                ofRecovery("consent", new ConsentMessage(other, consent(0, 1)).encode()),
                DropReason.WRONG_GROUP);
        refuses(ofRecovery("hand-over", handOver(group, 1).encode()), DropReason.WRONG_INDEX);
        refuses(ofRecovery("hand-over", handOver(other, 0).encode()), DropReason.WRONG_GROUP);
        refuses(
                ofRecovery(
                        "hand-over-request",
                        new HandOverRequest(group, 1, JOURNAL, Bytes.EMPTY).encode()),
                DropReason.WRONG_INDEX);
        for (String type : List.of("consent", "hand-over", "hand-over-request")) {
            refuses(ofRecovery(type, fixture.random(40)), DropReason.MALFORMED);
            refuses(
                    GroupFixture.envelope(
                            alice.identity(), CONTRIBUTION, type, handOver(group, 0).encode()),
                    DropReason.BAD_ENVELOPE);
        }
        HandOver.Key ofNobody =
                new HandOver.Key(
                        fixture.random(32),
                        fixture.group.size(),
                        fixture.random(4),
                        Bytes.EMPTY,
                        1);
        refuses(
                ofRecovery(
                        "hand-over",
                        new HandOver(
                                        group,
                                        0,
                                        JOURNAL,
                                        Bytes.EMPTY,
                                        Bytes.EMPTY,
                                        true,
                                        List.of(),
                                        List.of(ofNobody))
                                .encode()),
                DropReason.MALFORMED);
        Bytes padded =
                Bytes.concat(
                        new ConsentMessage(group, consent(0, 1)).encode(),
                        Bytes.fromHex("fa01d836"),
                        Bytes.wrap(new byte[7_000]));
        refuses(ofRecovery("consent", padded), DropReason.MALFORMED);
    }

    @Test
    void handedOverSessionsHaveTheirOwnMessagesInsideAndNoOthers() {
        SigningRequest asked = fixture.request(1, 1);
        Bytes request = bob.envelopeSigner().sign(asked).envelope();
        Contribution.Nonces nonces =
                new Contribution.Nonces(List.of(fixture.random(66)), TestJournals.NO_ENTRY);
        Bytes own = about(bob, asked.sessionId(), nonces);
        Bytes ofAnotherSession = about(bob, session, nonces);
        Bytes ofAnotherKind = about(bob, asked.sessionId(), ready);
        byte[] forged = own.toArray();
        forged[forged.length - 1] ^= 1;
        // Inside each other such messages would cost the square of a frame's length.
        // That what is in it is not looked at shows in the reason.
        Bytes handOver =
                alice.envelopeSigner()
                        .handOver(
                                handOver(
                                        fixture.group.id(),
                                        0,
                                        new HandOver.Session(
                                                Bytes.wrap(forged),
                                                List.of(),
                                                List.of(),
                                                List.of())));
        Bytes greeting = greet(Optional.empty()).envelope();
        for (Bytes wrong : List.of(own, handOver, greeting)) {
            refusesToTake(
                    new HandOver.Session(wrong, List.of(), List.of(), List.of()),
                    DropReason.MALFORMED);
        }
        for (Bytes wrong : List.of(ofAnotherSession, ofAnotherKind, request, handOver, greeting)) {
            refusesToTake(
                    new HandOver.Session(request, List.of(wrong), List.of(), List.of()),
                    DropReason.MALFORMED);
        }
        refusesToTake(
                new HandOver.Session(request, List.of(), List.of(own), List.of()),
                DropReason.MALFORMED);
        refusesToTake(
                new HandOver.Session(request, List.of(Bytes.wrap(forged)), List.of(), List.of()),
                DropReason.BAD_ENVELOPE);
        refusesToTake(
                new HandOver.Session(
                        request,
                        Collections.nCopies(fixture.group.size() + 1, own),
                        List.of(),
                        List.of()),
                DropReason.MALFORMED);
    }

    @Test
    void envelopeOfAStrangerIsRefused() {
        PrivateKey stranger = Keys.generate(KeyType.ED25519, fixture.random);
        refuses(
                GroupFixture.envelope(stranger, CONTRIBUTION, "ready", payload(0, ready)),
                DropReason.UNKNOWN_SIGNER);
    }

    @Test
    void signatureOfAnotherDomainIsRefused() {
        refuses(
                GroupFixture.envelope(alice.identity(), REQUEST, "ready", payload(0, ready)),
                DropReason.BAD_ENVELOPE);
        refuses(
                GroupFixture.envelope(
                        alice.identity(), CONTRIBUTION, "request", fixture.request(0, 1).payload()),
                DropReason.BAD_ENVELOPE);
    }

    @Test
    void payloadOfAnotherKindThanItsTypeIsRefused() {
        refuses(
                GroupFixture.envelope(alice.identity(), CONTRIBUTION, "nonces", payload(0, ready)),
                DropReason.MALFORMED);
        refuses(
                GroupFixture.envelope(alice.identity(), CONTRIBUTION, "other", payload(0, ready)),
                DropReason.MALFORMED);
    }

    @Test
    void typesOnTheWireAreAsDocumented() throws Exception {
        for (var entry :
                List.of(
                        List.of("ready", ready),
                        List.of("refuse", new Contribution.Refuse("NO", "")),
                        List.of("abort", new Contribution.Abort("NO", List.of(), "")),
                        List.of("view", new Contribution.NonceSet(List.of(), List.of())),
                        List.of("final", new Contribution.Final(List.of())),
                        List.of(
                                "want",
                                new Contribution.RetransmissionRequest(
                                        Contribution.Phase.READY, List.of())),
                        List.of(
                                "nonces",
                                new Contribution.Nonces(List.of(), TestJournals.NO_ENTRY)),
                        List.of(
                                "partials",
                                new Contribution.Partials(List.of(), fixture.random(32))))) {
            Contribution.Body body = (Contribution.Body) entry.get(1);
            Bytes envelope =
                    GroupFixture.envelope(
                            alice.identity(),
                            CONTRIBUTION,
                            (String) entry.get(0),
                            payload(0, body));
            assertThat(verifier.verify(envelope)).isInstanceOf(Inbound.Statement.class);
        }
    }

    @Test
    void memberCannotSignAsAnotherSignerOrRequester() {
        refuses(
                GroupFixture.envelope(alice.identity(), CONTRIBUTION, "ready", payload(1, ready)),
                DropReason.WRONG_INDEX);
        SigningRequest ofBob = fixture.request(1, 1);
        refuses(
                GroupFixture.envelope(alice.identity(), REQUEST, "request", ofBob.payload()),
                DropReason.WRONG_INDEX);
    }

    @Test
    void everyChangedByteIsRefused() {
        Bytes envelope = statement(ready);
        for (int i = 0; i < envelope.length(); i++) {
            byte[] changed = envelope.toArray();
            changed[i] ^= 1;
            assertThatThrownBy(() -> verifier.verify(Bytes.wrap(changed)))
                    .as("byte %d", i)
                    .isInstanceOf(WireException.class);
        }
    }

    @Test
    void frameAboveTheLimitIsRefused() {
        refuses(Bytes.wrap(new byte[SigningLimits.DEFAULT.frameBytes() + 1]), DropReason.OVERSIZE);
    }

    @Test
    void unknownFieldsMayNotPadPayloadOrEnvelope() throws Exception {
        Bytes padding = Bytes.concat(Bytes.fromHex("a206d00f"), Bytes.wrap(new byte[2000]));
        Bytes some = Bytes.concat(payload(0, ready), padding);
        assertThat(
                        verifier.verify(
                                GroupFixture.envelope(
                                        alice.identity(), CONTRIBUTION, "ready", some)))
                .isInstanceOf(Inbound.Statement.class);
        refuses(
                GroupFixture.envelope(
                        alice.identity(), CONTRIBUTION, "ready", Bytes.concat(some, padding)),
                DropReason.MALFORMED);
        refuses(Bytes.concat(statement(ready), padding), DropReason.MALFORMED);
    }

    @Test
    void indicesOfSignersThatDoNotExistAreRefused() {
        refuses(
                statement(new Contribution.Abort("BAD_PARTIAL", List.of(3), "")),
                DropReason.MALFORMED);
        refuses(
                statement(
                        new Contribution.RetransmissionRequest(
                                Contribution.Phase.READY, List.of(-1))),
                DropReason.MALFORMED);
        refuses(
                statement(
                        new Contribution.RetransmissionRequest(
                                Contribution.Phase.READY, List.of(0, 1, 2, 0))),
                DropReason.MALFORMED);
    }

    @Test
    void proofsAndNonceSetsAreBounded() {
        Bytes small = fixture.random(1);
        Bytes large = Bytes.wrap(new byte[EnvelopeVerifier.MAX_PROOF_BYTES + 1]);
        refuses(
                statement(new Contribution.Abort("X", List.of(), "", List.of(small, small, small))),
                DropReason.MALFORMED);
        refuses(
                statement(new Contribution.Abort("X", List.of(), "", List.of(large))),
                DropReason.MALFORMED);
        refuses(
                statement(new Contribution.NonceSet(Collections.nCopies(4, small), List.of())),
                DropReason.MALFORMED);
        refuses(
                statement(
                        new Contribution.NonceSet(
                                List.of(), Collections.nCopies(4, fixture.owner(0).attestation()))),
                DropReason.MALFORMED);
    }

    @Test
    void moreValuesThanARequestHasMessagesAreRefused() {
        int most = SigningLimits.DEFAULT.requests().messages();
        refuses(
                statement(
                        new Contribution.Final(Collections.nCopies(most + 1, fixture.random(64)))),
                DropReason.MALFORMED);
    }

    private Bytes hello(int signer, Bytes remembered) {
        Hello hello =
                new Hello(
                        fixture.group.id(),
                        signer,
                        alice.boot(),
                        remembered,
                        1,
                        terms,
                        false,
                        Bytes.EMPTY);
        return GroupFixture.envelope(alice.identity(), "tutti-sign-hello", "hello", hello.encode());
    }

    @Test
    void helloAndWhatItRemembersAreOfTheirAuthors() {
        refuses(hello(bob.member().index(), Bytes.EMPTY), DropReason.WRONG_INDEX);
        Bytes ofBobSaysAlice =
                GroupFixture.envelope(bob.identity(), CONTRIBUTION, "ready", payload(0, ready));
        refuses(hello(ofBobSaysAlice), DropReason.WRONG_INDEX);
    }

    @Test
    void helloMayRememberALongStatementAndHasNoOtherPadding() throws Exception {
        Contribution.Nonces nonces =
                new Contribution.Nonces(
                        Collections.nCopies(64, fixture.random(66)), TestJournals.NO_ENTRY);
        Bytes remembered = statement(nonces);
        assertThat(remembered.length()).isGreaterThan(4_000);
        assertThat(verifier.verify(hello(remembered))).isInstanceOf(Inbound.Greeting.class);
        Bytes padding = Bytes.concat(Bytes.fromHex("a206d00f"), Bytes.wrap(new byte[2000]));
        Hello hello =
                new Hello(
                        fixture.group.id(),
                        0,
                        alice.boot(),
                        Bytes.EMPTY,
                        1,
                        terms,
                        false,
                        Bytes.EMPTY);
        refuses(
                GroupFixture.envelope(
                        alice.identity(),
                        "tutti-sign-hello",
                        "hello",
                        Bytes.concat(hello.encode(), padding, padding)),
                DropReason.MALFORMED);
    }

    @Test
    void whoSignsIsNamedInLogs() {
        assertThat(alice.envelopeSigner()).hasToString("envelopeSigner of " + alice.member());
    }

    @Test
    void requestMayNotBePadded() {
        Bytes padding = Bytes.concat(Bytes.fromHex("a206d00f"), Bytes.wrap(new byte[2000]));
        refuses(
                GroupFixture.envelope(
                        alice.identity(),
                        REQUEST,
                        "request",
                        Bytes.concat(fixture.request(0, 1).payload(), padding, padding)),
                DropReason.MALFORMED);
    }

    @Test
    void whatIsAsLargeAsItMayBeIsLookedAt() throws Exception {
        refuses(Bytes.wrap(new byte[SigningLimits.DEFAULT.frameBytes()]), DropReason.BAD_ENVELOPE);
        refuses(
                hello(Bytes.wrap(new byte[EnvelopeVerifier.MAX_REMEMBERED])),
                DropReason.BAD_ENVELOPE);
        Bytes half = Bytes.wrap(new byte[EnvelopeVerifier.MAX_PROOF_BYTES / 2]);
        int most = SigningLimits.DEFAULT.requests().messages();
        for (Contribution.Body body :
                List.of(
                        new Contribution.Abort("X", List.of(0, 1, 2), "", List.of(half, half)),
                        new Contribution.NonceSet(
                                Collections.nCopies(3, half),
                                Collections.nCopies(3, alice.attestation())),
                        new Contribution.Final(Collections.nCopies(most, fixture.random(64))))) {
            assertThat(verifier.verify(statement(body))).isInstanceOf(Inbound.Statement.class);
        }
    }

    @Test
    void noncesAndPartialsOfMoreMessagesThanARequestHasAreRefused() {
        int more = SigningLimits.DEFAULT.requests().messages() + 1;
        refuses(
                statement(
                        new Contribution.Nonces(
                                Collections.nCopies(more, fixture.random(66)),
                                TestJournals.NO_ENTRY)),
                DropReason.MALFORMED);
        refuses(
                statement(
                        new Contribution.Partials(
                                Collections.nCopies(more, fixture.random(32)), fixture.random(32))),
                DropReason.MALFORMED);
    }

    @Test
    void attestationIsOfOneMemberAndHasNoNegativeTimes() {
        KeyAttestation attestation = alice.attestation();
        RequestGroup group = RequestGroup.of(fixture.group);
        assertThat(attestation.isOf(group, alice.member())).isTrue();
        assertThat(attestation.isOf(group, bob.member())).isFalse();
        Bytes signature = attestation.signature();
        assertThat(new KeyAttestation(0, 0, signature).sequence()).isZero();
        assertThatThrownBy(() -> new KeyAttestation(-1, 0, signature))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new KeyAttestation(0, -1, signature))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
