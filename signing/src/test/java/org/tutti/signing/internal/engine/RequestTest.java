package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.ContributionCodec;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionOutcome;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/// Requests and their bounds, and floods of messages for a live session.
class RequestTest extends GroupWithMallory {
    private static final Duration LIFETIME = Duration.ofMinutes(10);

    RequestTest() {
        super(51);
    }

    private List<Bytes> keys() {
        return new ArrayList<>(sim.group.signingKeys().stream().map(key -> key.bytes()).toList());
    }

    private SigningRequest request(
            List<Bytes> keys, List<MessageToSign> messages, String purpose, Bytes context) {
        return GroupFixture.requestOf(
                new RequestGroup(sim.group.network(), sim.group.id(), sim.group.epoch(), keys),
                mallory.member.peerId(),
                sim.random32(),
                sim.now,
                sim.now.plus(LIFETIME),
                messages,
                purpose,
                context);
    }

    private List<MessageToSign> oneMessage() {
        return List.of(new MessageToSign(sim.random32(), KeyTweak.none()));
    }

    private DropReason rejected(SigningRequest request) {
        return rejected(mallory.envelopeSigner().sign(request).envelope());
    }

    @Test
    void keysInAnotherOrderAreAnotherGroup() {
        List<Bytes> keys = keys();
        Collections.swap(keys, 0, 1);
        SigningRequest swapped = request(keys, oneMessage(), "test", Bytes.EMPTY);
        SigningRequest fewer = request(keys().subList(0, 2), oneMessage(), "test", Bytes.EMPTY);
        alice.handle(new EngineInput.Received(mallory.envelopeSigner().sign(swapped)));
        alice.handle(new EngineInput.Received(mallory.envelopeSigner().sign(fewer)));
        assertThat(alice.engine().dropped(mallory.member, DropReason.WRONG_GROUP)).isEqualTo(2);
        assertThat(alice.engine().liveSessions()).isEmpty();
    }

    @Test
    void contextAndPurposeAreBounded() throws WireException {
        Bytes large = Bytes.wrap(new byte[sim.limits.requests().contextBytes()]);
        String longest = "p".repeat(sim.limits.requests().purposeChars());
        SigningRequest largest = request(keys(), oneMessage(), longest, large);
        assertThat(sim.envelopeVerifier.verify(mallory.envelopeSigner().sign(largest).envelope()))
                .isNotNull();
        Bytes tooLarge = Bytes.concat(large, Bytes.of(new byte[] {1}));
        assertThat(rejected(request(keys(), oneMessage(), "test", tooLarge)))
                .isEqualTo(DropReason.MALFORMED);
        assertThat(rejected(request(keys(), oneMessage(), longest + "p", Bytes.EMPTY)))
                .isEqualTo(DropReason.MALFORMED);
    }

    @Test
    void unknownTweakAndRootWithoutTweakAreMalformed() {
        Bytes hash = sim.random32();
        byte[] payload = request(keys(), oneMessage(), "test", Bytes.EMPTY).payload().toArray();
        // A second message: field 8, hash (field 1), tweak (field 2) 7.
        Bytes unknown = Bytes.concat(Bytes.of(new byte[] {0x42, 36, 0x0a, 32}), hash);
        unknown = Bytes.concat(unknown, Bytes.of(new byte[] {0x10, 7}));
        assertThat(sealed(Bytes.concat(Bytes.of(payload), unknown)))
                .isEqualTo(DropReason.MALFORMED);
        Bytes root = Bytes.concat(Bytes.of(new byte[] {0x42, 68, 0x0a, 32}), hash);
        root = Bytes.concat(root, Bytes.concat(Bytes.of(new byte[] {0x1a, 32}), hash));
        assertThat(sealed(Bytes.concat(Bytes.of(payload), root))).isEqualTo(DropReason.MALFORMED);
    }

    private DropReason sealed(Bytes payload) {
        return rejected(ForgedEnvelopes.seal(mallory.identity, "/tutti/sign/2/request", payload));
    }

    @Test
    void equalMessagesInOneRequestAreSignedWithDifferentNonces() {
        MessageToSign message = new MessageToSign(sim.random32(), KeyTweak.keyPathOnly());
        SigningRequest twice = sim.request(alice, List.of(message, message), LIFETIME);
        alice.handle(new EngineInput.LocalRequest(twice));
        sim.settle();
        assertThat(alice.outcomes.get(twice.sessionId()))
                .isInstanceOfSatisfying(
                        SessionOutcome.Signed.class,
                        signed -> assertThat(signed.signatures()).doesNotHaveDuplicates());
        assertThat(sim.watch.signatures()).isEqualTo(6);
    }

    @Test
    void expiredRequestIsNotSigned() {
        SigningRequest request = sim.request(bob, 1, LIFETIME);
        sim.now = request.expires();
        alice.handle(new EngineInput.Received(bob.envelopeSigner().sign(request)));
        assertThat(alice.engine().dropped(bob.member, DropReason.EXPIRED)).isEqualTo(1);
    }

    @Test
    void requestThatArrivesAgainAfterARestartIsAnsweredWithTheStoredSignatures() {
        SessionId id = sim.ask(mallory, 1);
        Bytes request = sim.peek().orElseThrow();
        sim.settle();
        SessionOutcome signed = sim.outcome(0, id).orElseThrow();
        var written = alice.file.backup();
        alice.die();
        alice.file = written;
        alice.start();
        sim.settle();
        int said = sim.said(alice).size();
        alice.handle(new EngineInput.Received(sim.open(request)));
        alice.handle(
                new EngineInput.Received(
                        mallory.envelopeSigner()
                                .sign(
                                        id,
                                        7,
                                        new Contribution.RetransmissionRequest(
                                                Contribution.Phase.PARTIALS, List.of()))));
        List<Inbound.Statement> answers = sim.said(alice).subList(said, sim.said(alice).size());
        assertThat(answers)
                .singleElement()
                .satisfies(answer ->
                        assertThat(answer.contribution().body())
                                .isInstanceOfSatisfying(
                                        Contribution.Final.class,
                                        fin ->
                                                assertThat(fin.signatures())
                                                        .containsExactlyElementsOf(
                                                                signatures(signed))));
        assertThat(sim.watch.generated()).isEqualTo(3);
    }

    private static List<Bytes> signatures(SessionOutcome outcome) {
        return ((SessionOutcome.Signed) outcome)
                .signatures().stream().map(signature -> signature.bytes()).toList();
    }

    // --- floods

    private SessionId inNonces() {
        sim.tamper(
                mallory,
                (_, message) ->
                        message instanceof Inbound.Statement s
                                        && !(s.contribution().body() instanceof Contribution.Ready)
                                ? List.of()
                                : List.of(message.envelope()));
        SessionId id = sim.ask(bob, 1);
        sim.settle();
        assertThat(alice.engine().liveSessions().getFirst().phase()).isEqualTo("NONCES");
        return id;
    }

    private void says(SessionId id, Contribution.Body body) {
        alice.handle(new EngineInput.Received(mallory.envelopeSigner().sign(id, 1, body)));
    }

    @Test
    void numberOfRetransmissionsToOneMemberIsBounded() {
        SessionId id = inNonces();
        int sent = sim.sent();
        for (int i = 0; i < 100; i++) {
            says(
                    id,
                    new Contribution.RetransmissionRequest(
                            Contribution.Phase.NONCES, List.of(1, 1, 1)));
        }
        assertThat(sim.sent() - sent).as("bob's nonces, once an answer").isEqualTo(3);
        assertThat(alice.engine().dropped(mallory.member, DropReason.TOO_MANY_ANSWERS))
                .isEqualTo(97);
    }

    @Test
    void onlyOneNonceSetOfAMemberIsComparedPerAttempt() {
        SessionId id = inNonces();
        for (int i = 0; i < 10; i++) {
            says(id, new Contribution.NonceSet(List.of(), List.of()));
        }
        assertThat(alice.engine().dropped(mallory.member, DropReason.DUPLICATE)).isEqualTo(9);
        Contribution.NonceSet tooMany =
                new Contribution.NonceSet(
                        Collections.nCopies(4, Bytes.of(new byte[] {1})), List.of());
        assertThat(
                        rejected(
                                ForgedEnvelopes.seal(
                                        mallory.identity,
                                        sim.contribution(id, 1, mallory.index(), tooMany))))
                .isEqualTo(DropReason.MALFORMED);
    }

    @Test
    void lengthOfCodesAndReasonsIsBounded() {
        // The encoder truncates, so these are made by hand: field 8 (refuse), code or reason.
        int reason = ContributionCodec.MAX_REASON + 1;
        int code = ContributionCodec.MAX_CODE + 1;
        Contribution c =
                sim.contribution(
                        new SessionId(sim.random32()),
                        1,
                        mallory.index(),
                        new Contribution.Refuse("", ""));
        for (byte[] text : List.of(text(0x0a, code), text(0x12, reason))) {
            Bytes body = Bytes.of(text);
            byte[] head = {
                0x42, (byte) ((body.length() & 0x7f) | 0x80), (byte) (body.length() >> 7)
            };
            Bytes payload =
                    Bytes.concat(ContributionCodec.encode(c), Bytes.concat(Bytes.of(head), body));
            assertThat(
                            rejected(
                                    ForgedEnvelopes.seal(
                                            mallory.identity, "/tutti/sign/2/refuse", payload)))
                    .isEqualTo(DropReason.MALFORMED);
        }
    }

    private static byte[] text(int tag, int length) {
        byte[] field = new byte[3 + length];
        Arrays.fill(field, (byte) 'x');
        field[0] = (byte) tag;
        field[1] = (byte) ((length & 0x7f) | 0x80);
        field[2] = (byte) (length >> 7);
        return field;
    }

    @Test
    void randomPayloadsOfAMemberDecodeOrAreRejected() {
        SplittableRandom random = new SplittableRandom(5);
        SessionId id = sim.ask(alice, 2);
        sim.settle();
        List<Bytes> payloads = new ArrayList<>();
        sim.said(bob).forEach(statement -> payloads.add(statement.payload()));
        payloads.add(sim.request(mallory, 3, LIFETIME).payload());
        assertThat(sim.outcome(0, id)).isPresent();
        List<String> types = List.of("ready", "nonces", "partials", "abort", "view", "request");
        int understood = 0;
        int rejected = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = payloads.get(random.nextInt(payloads.size())).toArray();
            for (int k = random.nextInt(4); k >= 0; k--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            String type = "/tutti/sign/2/" + types.get(random.nextInt(types.size()));
            try {
                alice.handle(
                        new EngineInput.Received(
                                sim.envelopeVerifier.verify(
                                        ForgedEnvelopes.seal(
                                                mallory.identity, type, Bytes.of(changed)))));
                understood++;
            } catch (WireException _) {
                rejected++;
            }
        }
        assertThat(understood).isPositive();
        assertThat(rejected).isPositive();
    }
}
