package org.tutti.signing.blame;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.signing.blame.Evidence.Kind;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.ContributionCodec;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.VerifiedEnvelope;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningRequest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Each step of the check: what it proves, and that nothing is proven where the step fails.
class EvidenceCheckTest {
    private static final Bytes OTHER_HASH = Bytes.fromHex("77".repeat(32));

    private SignedAttempt attempt;
    private GroupFixture.Owner culprit;

    @BeforeEach
    void open() throws Exception {
        attempt = new SignedAttempt();
        culprit = attempt.fixture.owner(SignedAttempt.CULPRIT);
    }

    @AfterEach
    void close() {
        attempt.close();
    }

    private void guilty(Evidence evidence, String what) {
        assertThat(EvidenceCheck.verify(evidence))
                .isEqualTo(
                        new Verdict.Guilty(
                                attempt.session.bytes(),
                                SignedAttempt.CULPRIT,
                                culprit.member().peerId(),
                                culprit.member().signingKey().bytes(),
                                evidence.kind(),
                                what));
    }

    private static void notProven(Evidence evidence, String reason) {
        assertThat(EvidenceCheck.verify(evidence))
                .isInstanceOfSatisfying(
                        Verdict.NotProven.class, v -> assertThat(v.reason()).contains(reason));
    }

    private Contribution.Ready readyWith(JournalHead head) {
        return new Contribution.Ready(culprit.attestation(), head);
    }

    private Evidence equivocation(Contribution.Body one, Contribution.Body two) {
        return attempt.evidence(Kind.EQUIVOCATION, attempt.envelope(one), attempt.envelope(two));
    }

    private Evidence with(Evidence e, Bytes request, Bytes ready, int signer) {
        return new Evidence(e.kind(), signer, request, ready, e.nonces(), e.proof());
    }

    private Evidence anyProof() {
        return attempt.evidence(Kind.BAD_PARTIAL, attempt.envelope(attempt.badPartials()));
    }

    // --- request and attestation

    @Test
    void requestMustBeARequestOfItsRequester() {
        Bytes ready = attempt.ready.envelope();
        int signer = SignedAttempt.CULPRIT;
        notProven(with(anyProof(), Bytes.fromHex("0102"), ready, signer), "the request: ");
        notProven(with(anyProof(), ready, ready, signer), "not a request");
        SigningRequest ofAlice = attempt.request;
        Bytes byBob =
                GroupFixture.envelope(
                        culprit.identity(), "tutti-sign-request", "request", ofAlice.payload());
        notProven(with(anyProof(), byBob, ready, signer), "not the author of the request");
    }

    @Test
    void keysOfTheRequestMustBePoints() {
        Bytes envelope = requestOf(Collections.nCopies(3, Bytes.fromHex("05" + "11".repeat(32))));
        notProven(
                with(anyProof(), envelope, attempt.ready.envelope(), SignedAttempt.CULPRIT),
                "a key of the request");
    }

    /// The envelope of a request of a group with these keys.
    private Bytes requestOf(List<Bytes> keys) {
        SigningRequest request =
                GroupFixture.requestOf(
                        GroupFixture.groupOf(7, keys),
                        attempt.fixture.owner(0).member().peerId(),
                        attempt.fixture.random(32),
                        GroupFixture.NOW,
                        GroupFixture.NOW.plus(Duration.ofMinutes(1)),
                        attempt.request.messages(),
                        "test",
                        Bytes.EMPTY);
        return attempt.fixture.owner(0).envelopeSigner().sign(request).envelope();
    }

    @Test
    void requestHasNoMoreKeysThanAGroup() {
        Bytes envelope =
                requestOf(
                        Collections.nCopies(
                                SignerGroup.MAX_MEMBERS + 1,
                                culprit.member().signingKey().bytes()));
        notProven(
                with(anyProof(), envelope, attempt.ready.envelope(), SignedAttempt.CULPRIT),
                "more keys than a group has members");
    }

    @Test
    void culpritMustBeASignerOfTheRequest() {
        notProven(
                with(anyProof(), attempt.requestEnvelope, attempt.ready.envelope(), 3),
                "not a signer of the request");
    }

    @Test
    void attestationMustBeOfTheCulpritForThisSession() {
        SigningRequest other = attempt.fixture.request(0, 1);
        Bytes otherSession =
                culprit.envelopeSigner()
                        .sign(other.sessionId(), 1, readyWith(SignedAttempt.HEAD))
                        .envelope();
        int signer = SignedAttempt.CULPRIT;
        Bytes request = attempt.requestEnvelope;
        notProven(with(anyProof(), request, otherSession, signer), "attestation is for another");
        notProven(
                with(anyProof(), request, attempt.nonces.get(signer).envelope(), signer),
                "attestation is for another");
        notProven(
                with(anyProof(), request, attempt.ready.envelope(), 0),
                "attestation is for another");
        notProven(with(anyProof(), request, Bytes.fromHex("01"), signer), "the attestation: ");
    }

    @Test
    void attestationMustBeSignedByTheSigningKeyForThisPeerId() {
        GroupFixture.Owner alice = attempt.fixture.owner(0);
        for (KeyAttestation wrong :
                List.of(alice.attest(culprit.member()), culprit.attest(alice.member()))) {
            Bytes ready = attempt.envelope(new Contribution.Ready(wrong, SignedAttempt.HEAD));
            notProven(
                    with(anyProof(), attempt.requestEnvelope, ready, SignedAttempt.CULPRIT),
                    "does not attest");
        }
    }

    @Test
    void attestationThatWasOverBeforeTheRequestProvesNothing() {
        KeyAttestation over =
                KeyAttestation.make(
                        culprit.key(),
                        RequestGroup.of(attempt.fixture.group),
                        culprit.member().peerId(),
                        1,
                        attempt.request.created(),
                        new byte[32]);
        Bytes ready = attempt.envelope(new Contribution.Ready(over, SignedAttempt.HEAD));
        notProven(
                with(anyProof(), attempt.requestEnvelope, ready, SignedAttempt.CULPRIT),
                "had expired before the request");
    }

    // --- whose messages the proof has

    @Test
    void messageOfAnotherAuthorOrSessionOrWithAnInvalidEnvelopeProvesNothing() {
        Bytes byAlice = attempt.sign(0, 1, attempt.badPartials()).envelope();
        notProven(attempt.evidence(Kind.BAD_PARTIAL, byAlice), "by another author");
        Bytes otherSession =
                culprit.envelopeSigner()
                        .sign(attempt.fixture.request(0, 1).sessionId(), 1, attempt.badPartials())
                        .envelope();
        notProven(attempt.evidence(Kind.BAD_PARTIAL, otherSession), "another session or signer");
        notProven(attempt.evidence(Kind.BAD_PARTIAL, Bytes.fromHex("01")), "message 0: ");
    }

    @Test
    void messageSignedAsAnotherSignerProvesNothing() {
        Bytes asAlice =
                GroupFixture.envelope(
                        culprit.identity(),
                        "tutti-sign-contribution",
                        "partials",
                        ContributionCodec.encode(
                                new Contribution(
                                        attempt.fixture.group.id(),
                                        culprit.boot(),
                                        attempt.session,
                                        1,
                                        0,
                                        attempt.badPartials())));
        notProven(attempt.evidence(Kind.BAD_PARTIAL, asAlice), "another session or signer");
    }

    @Test
    void proofHasExactlyTheMessagesThatItsKindNeeds() {
        Bytes bad = attempt.envelope(attempt.badPartials());
        notProven(attempt.evidence(Kind.BAD_PARTIAL), "the proof has 0 messages");
        notProven(attempt.evidence(Kind.BAD_PARTIAL, bad, bad), "the proof has 2 messages");
        notProven(attempt.evidence(Kind.EQUIVOCATION, bad), "the proof has 1 messages");
        notProven(attempt.evidence(Kind.BAD_VIEW, bad), "the proof has 1 messages");
        notProven(attempt.evidence(Kind.BAD_CONTRIBUTION), "the proof has 0 messages");
    }

    // --- equivocation

    @Test
    void twoMessagesForOneSlotAreEquivocation() {
        guilty(
                equivocation(attempt.partials, attempt.badPartials()),
                "signed two different Partials messages for attempt 1");
        guilty(
                equivocation(
                        readyWith(SignedAttempt.HEAD), readyWith(TestJournals.head(9, OTHER_HASH))),
                "signed two different Ready messages for attempt 1");
    }

    @Test
    void messagesOfTwoProcessesAreNotEquivocation() {
        notProven(
                attempt.evidence(
                        Kind.EQUIVOCATION,
                        attempt.envelope(attempt.partials),
                        attempt.envelopeOfCopy(attempt.badPartials())),
                "the two messages come from two different processes");
    }

    @Test
    void equalMessagesOrOtherSlotsAreNotEquivocation() {
        notProven(equivocation(attempt.partials, attempt.partials), "are equal");
        notProven(
                equivocation(attempt.partials, readyWith(SignedAttempt.HEAD)), "not for one slot");
        Bytes second = attempt.sign(SignedAttempt.CULPRIT, 2, attempt.badPartials()).envelope();
        notProven(
                attempt.evidence(Kind.EQUIVOCATION, attempt.envelope(attempt.partials), second),
                "not for one slot");
        notProven(
                equivocation(new Contribution.Refuse("A", "a"), new Contribution.Refuse("B", "b")),
                "not for one slot");
    }

    // --- partial signatures

    @Test
    void partialSignatureThatDoesNotVerifyProvesAFault() {
        guilty(anyProof(), "sent a partial signature for message 0 that does not verify");
    }

    @Test
    void validPartialSignatureProvesNothing() {
        notProven(
                attempt.evidence(Kind.BAD_PARTIAL, attempt.envelope(attempt.partials)),
                "the partial signatures verify");
        notProven(
                attempt.evidence(Kind.BAD_PARTIAL, attempt.ready.envelope()),
                "has no partial signatures");
    }

    @Test
    void partialSignatureIsCheckedOnlyUnderTheNoncesThatItNames() {
        Bytes otherHash =
                attempt.envelope(
                        new Contribution.Partials(attempt.badPartials().partials(), OTHER_HASH));
        notProven(attempt.evidence(Kind.BAD_PARTIAL, otherHash), "made for other nonces");
    }

    private void notProvenWithNonces(List<Bytes> nonces, String reason) {
        Evidence e = anyProof();
        notProven(
                new Evidence(
                        e.kind(), e.culprit(), e.request(), e.attestingReady(), nonces, e.proof()),
                reason);
    }

    @Test
    void noncesMustBeThoseOfAllSignersForThisAttempt() {
        List<Bytes> all = attempt.nonceEnvelopes();
        notProvenWithNonces(all.subList(0, 2), "nonces of 2 signers of 3");
        notProvenWithNonces(
                List.of(all.get(1), all.get(0), all.get(2)), "nonces of signer 0 are for another");
        List<Bytes> otherAttempt = new ArrayList<>(all);
        otherAttempt.set(
                2, attempt.sign(2, 2, attempt.nonces.get(2).contribution().body()).envelope());
        notProvenWithNonces(otherAttempt, "nonces of signer 2 are for another");
        List<Bytes> otherKind = new ArrayList<>(all);
        otherKind.set(1, attempt.ready.envelope());
        notProvenWithNonces(otherKind, "nonces of signer 1 are for another");
    }

    // --- malformed contributions

    @Test
    void malformedNoncesAndPartialSignaturesProveAFault() {
        guilty(
                attempt.evidence(
                        Kind.BAD_CONTRIBUTION,
                        attempt.envelope(
                                new Contribution.Nonces(
                                        List.of(Bytes.wrap(new byte[66])), SignedAttempt.HEAD))),
                "sent a nonce that is not two points");
        guilty(
                attempt.evidence(
                        Kind.BAD_CONTRIBUTION,
                        attempt.envelope(new Contribution.Nonces(List.of(), SignedAttempt.HEAD))),
                "sent 0 nonces for 1 messages");
        guilty(
                attempt.evidence(
                        Kind.BAD_CONTRIBUTION,
                        attempt.envelope(
                                new Contribution.Partials(
                                        List.of(Bytes.fromHex("ff".repeat(32))), OTHER_HASH))),
                "sent a partial signature that is not below the group order");
        guilty(
                attempt.evidence(
                        Kind.BAD_CONTRIBUTION,
                        attempt.envelope(new Contribution.Partials(List.of(), OTHER_HASH))),
                "sent 0 partial signatures for 1 messages");
    }

    @Test
    void wellFormedContributionsProveNothing() {
        Bytes nonces = attempt.nonces.get(SignedAttempt.CULPRIT).envelope();
        notProven(attempt.evidence(Kind.BAD_CONTRIBUTION, nonces), "the nonces are well formed");
        notProven(
                attempt.evidence(Kind.BAD_CONTRIBUTION, attempt.envelope(attempt.badPartials())),
                "the partial signatures are well formed");
        notProven(
                attempt.evidence(Kind.BAD_CONTRIBUTION, attempt.ready.envelope()),
                "neither nonces nor partial signatures");
    }

    // --- nonce sets

    private Evidence nonceSet(List<Bytes> envelopes, Bytes claimed) {
        return nonceSet(envelopes, attempt.attestations(), claimed);
    }

    private Evidence nonceSet(
            List<Bytes> envelopes, List<KeyAttestation> attestations, Bytes claimed) {
        return attempt.evidence(
                Kind.BAD_VIEW,
                attempt.envelope(new Contribution.NonceSet(envelopes, attestations)),
                attempt.envelope(new Contribution.Partials(attempt.partials.partials(), claimed)));
    }

    @Test
    void nonceSetThatIsNotTheOneSignedForProvesAFault() {
        List<Bytes> all = attempt.nonceEnvelopes();
        guilty(nonceSet(all, OTHER_HASH), "signed for one set of nonces and sent another");
        guilty(nonceSet(all.subList(0, 2), OTHER_HASH), "sent nonces of 2 signers of 3");
        List<Bytes> forged = new ArrayList<>(all);
        forged.set(2, Bytes.fromHex("01"));
        guilty(nonceSet(forged, OTHER_HASH), "sent nonces of signer 2 with an invalid envelope");
        List<Bytes> swapped = List.of(all.get(1), all.get(0), all.get(2));
        guilty(nonceSet(swapped, OTHER_HASH), "sent another message as the nonces of signer 0");
    }

    @Test
    void nonceSetWithoutTheAttestationOfEachSignerProvesAFault() {
        guilty(
                nonceSet(
                        attempt.nonceEnvelopes(),
                        attempt.attestations().subList(0, 2),
                        attempt.hash()),
                "sent attestations of 2 signers of 3");
    }

    /// The nonces of signer 2, by a peer that is not it.
    private List<Bytes> withNoncesBy(PrivateKey peer) throws Exception {
        List<Bytes> envelopes = new ArrayList<>(attempt.nonceEnvelopes());
        Contribution nonces = VerifiedEnvelope.of(envelopes.get(2)).contribution();
        envelopes.set(
                2,
                GroupFixture.envelope(
                        peer,
                        "tutti-sign-contribution",
                        "nonces",
                        ContributionCodec.encode(nonces)));
        return envelopes;
    }

    @Test
    void strangersNoncesInANonceSetProveAFault() throws Exception {
        PrivateKey stranger = Keys.generate(KeyType.ED25519, attempt.fixture.random);
        guilty(
                nonceSet(withNoncesBy(stranger), attempt.hash()),
                "sent a stranger's nonces as those of signer 2");
    }

    @Test
    void noncesOfASignerThatAttestsTwoPeersFrameNobody() throws Exception {
        PrivateKey second = Keys.generate(KeyType.ED25519, attempt.fixture.random);
        GroupFixture.Owner colluder = attempt.fixture.owner(2);
        Member other =
                new Member(
                        2, second.publicKey().peerId(), colluder.member().signingKey(), List.of());
        List<KeyAttestation> attestations = new ArrayList<>(attempt.attestations());
        attestations.set(2, colluder.attest(other));
        notProven(
                nonceSet(withNoncesBy(second), attestations, attempt.hash()),
                "the nonce set is the one that was signed for");
    }

    @Test
    void nonceSetOfAnotherProcessProvesNothing() {
        notProven(
                attempt.evidence(
                        Kind.BAD_VIEW,
                        attempt.envelopeOfCopy(attempt.nonceSet()),
                        attempt.envelope(
                                new Contribution.Partials(
                                        attempt.partials.partials(), OTHER_HASH))),
                "the two messages come from two different processes");
    }

    @Test
    void nonceSetThatWasSignedForProvesNothing() {
        notProven(
                nonceSet(attempt.nonceEnvelopes(), attempt.hash()),
                "the nonce set is the one that was signed for");
        notProven(
                attempt.evidence(
                        Kind.BAD_VIEW,
                        attempt.envelope(attempt.partials),
                        attempt.envelope(attempt.partials)),
                "not a nonce set");
        notProven(
                attempt.evidence(
                        Kind.BAD_VIEW,
                        attempt.envelope(attempt.nonceSet()),
                        attempt.sign(SignedAttempt.CULPRIT, 2, attempt.partials).envelope()),
                "not a nonce set");
    }
}
