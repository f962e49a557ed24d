package org.tutti.signing.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.pb.MessagePb;
import org.tutti.signing.pb.RequestPb;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.DropReason;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

class RequestCodecTest {
    private static final SigningLimits LIMITS = SigningLimits.DEFAULT;

    private final GroupFixture fixture = new GroupFixture(2, 41);

    @AfterEach
    void close() {
        fixture.close();
    }

    private SigningRequest request() {
        return GroupFixture.requestOf(
                RequestGroup.of(fixture.group),
                fixture.owner(0).member().peerId(),
                fixture.random(32),
                GroupFixture.NOW,
                GroupFixture.NOW.plus(Duration.ofMinutes(5)),
                List.of(
                        new MessageToSign(fixture.random(32), KeyTweak.none()),
                        new MessageToSign(fixture.random(32), KeyTweak.keyPathOnly()),
                        new MessageToSign(
                                fixture.random(32),
                                new KeyTweak.Bip341KeyPath(Optional.of(fixture.random(32))))),
                "payment",
                fixture.random(100));
    }

    private void refuses(Consumer<RequestPb.Builder> change, DropReason reason)
            throws InvalidProtocolBufferException {
        RequestPb.Builder pb = RequestPb.parseFrom(request().payload().toArray()).toBuilder();
        change.accept(pb);
        Bytes payload = Bytes.wrap(pb.build().toByteArray());
        assertThatThrownBy(() -> RequestCodec.decode(payload, LIMITS))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private void malformed(Consumer<RequestPb.Builder> change)
            throws InvalidProtocolBufferException {
        refuses(change, DropReason.MALFORMED);
    }

    @Test
    void requestIsEqualAfterEncodingAndDecoding() throws Exception {
        SigningRequest request = request();
        assertThat(RequestCodec.decode(request.payload(), LIMITS)).isEqualTo(request);
    }

    @Test
    void theOrderOfTheKeysIsTheOneThatTheRequestNames() throws Exception {
        malformed(pb -> pb.setKeyOrder(RequestPb.KeyOrder.KEY_ORDER_UNSPECIFIED));
        malformed(pb -> pb.setKeyOrderValue(3));
        // One group has one name: sorted keys are never «as given».
        malformed(pb -> pb.setKeyOrder(RequestPb.KeyOrder.KEY_ORDER_AS_GIVEN));
        malformed(pb -> {
            List<ByteString> keys = pb.getKeysList();
            pb.clearKeys().addKeys(keys.get(1)).addKeys(keys.get(0));
        });
        SignerGroup reversed =
                SignerGroup.inOrder(
                        fixture.group.network(),
                        fixture.group.epoch(),
                        fixture.group.members().reversed().stream()
                                .map(m ->
                                        new SignerGroup.Candidate(
                                                m.peerId(), m.signingKey(), List.of()))
                                .toList());
        assertThat(reversed.id()).isNotEqualTo(fixture.group.id());
        SigningRequest request =
                GroupFixture.requestOf(
                        RequestGroup.of(reversed),
                        fixture.owner(0).member().peerId(),
                        fixture.random(32),
                        GroupFixture.NOW,
                        GroupFixture.NOW.plus(Duration.ofMinutes(5)),
                        List.of(new MessageToSign(fixture.random(32), KeyTweak.none())),
                        "raw",
                        Bytes.EMPTY);
        assertThat(RequestPb.parseFrom(request.payload().toArray()).getKeyOrder())
                .isEqualTo(RequestPb.KeyOrder.KEY_ORDER_AS_GIVEN);
        assertThat(RequestCodec.decode(request.payload(), LIMITS)).isEqualTo(request);
    }

    @Test
    void sessionIdIsTheTaggedHashOfThePayload() throws Exception {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        byte[] tag = sha.digest("tutti/session-id".getBytes(StandardCharsets.US_ASCII));
        sha.update(tag);
        sha.update(tag);
        SigningRequest request = request();
        assertThat(request.sessionId().bytes())
                .isEqualTo(Bytes.wrap(sha.digest(request.payload().toArray())));
    }

    @Test
    void everyChangedByteOfAPayloadIsAnotherSession() {
        Bytes payload = request().payload();
        for (int i = 0; i < payload.length(); i++) {
            byte[] changed = payload.toArray();
            changed[i] ^= 1;
            assertThat(RequestCodec.sessionId(Bytes.wrap(changed)))
                    .isNotEqualTo(RequestCodec.sessionId(payload));
        }
    }

    @Test
    void otherVersionIsRefused() throws Exception {
        refuses(pb -> pb.setVersion(1), DropReason.WRONG_VERSION);
    }

    @Test
    void keysSaltRequesterAndHashesHaveTheirLengths() throws Exception {
        malformed(pb -> pb.setKeys(0, ByteString.copyFrom(new byte[32])));
        malformed(pb -> pb.setSalt(ByteString.copyFrom(new byte[31])));
        malformed(pb -> pb.setRequester(ByteString.copyFrom(new byte[5])));
        malformed(pb -> pb.getMessagesBuilder(0).setHash(ByteString.copyFrom(new byte[31])));
        malformed(pb -> pb.getMessagesBuilder(1).setMerkleRoot(ByteString.copyFrom(new byte[31])));
    }

    @Test
    void numberOfMessagesIsBounded() throws Exception {
        malformed(RequestPb.Builder::clearMessages);
        MessagePb message =
                MessagePb.newBuilder().setHash(ByteString.copyFrom(new byte[32])).build();
        malformed(pb -> {
            pb.clearMessages();
            for (int i = 0; i <= LIMITS.requests().messages(); i++) {
                pb.addMessages(message);
            }
        });
    }

    @Test
    void contextAndPurposeAreBounded() throws Exception {
        int context = LIMITS.requests().contextBytes();
        malformed(pb -> pb.setContext(ByteString.copyFrom(new byte[context + 1])));
        malformed(pb -> pb.setPurpose("p".repeat(LIMITS.requests().purposeChars() + 1)));
        for (String bad : List.of("pay\rment", "\u001b[1A", "a\nb", "\u202etnemyap", "\u200b")) {
            malformed(pb -> pb.setPurpose(bad));
        }
    }

    @Test
    void timesBeforeTheEpochOrAfterTheYear9999AreRefused() throws Exception {
        malformed(pb -> pb.setCreatedMillis(-1));
        malformed(pb -> pb.setExpiresMillis(-1));
        malformed(pb -> pb.setExpiresMillis(253_402_300_799_001L));
    }

    @Test
    void unknownTweakAndRootWithoutTweakAreRefused() throws Exception {
        malformed(pb -> pb.getMessagesBuilder(0).setTweakValue(7));
        malformed(pb -> pb.getMessagesBuilder(0).setMerkleRoot(ByteString.copyFrom(new byte[32])));
    }

    @Test
    void requestNeedsNoMoreBytesThanItsBound() {
        SigningRequest request = request();
        assertThat(request.payload().length())
                .isLessThanOrEqualTo(RequestCodec.bytesFor(request) + (2 << 10));
    }

    private SigningRequest of(List<MessageToSign> messages, String purpose, int context, int key) {
        return RequestCodec.create(
                RequestGroup.of(fixture.group),
                fixture.owner(0).member().peerId(),
                fixture.random(32),
                GroupFixture.NOW,
                new SigningRequestDraft(
                        messages,
                        purpose,
                        fixture.random(context),
                        fixture.random(key),
                        Duration.ofMinutes(5)));
    }

    private MessageToSign message() {
        return new MessageToSign(fixture.random(32), KeyTweak.none());
    }

    @Test
    void aRequestIsNamedInLogs() {
        SigningRequest request = request();
        assertThat(request)
                .hasToString("request " + request.sessionId().brief() + " (payment, 3 messages)");
    }

    @Test
    void aLeafAndAPathArePartOfTheRequest() throws Exception {
        MessageToSign message =
                new MessageToSign(
                        fixture.random(32),
                        KeyTweak.none(),
                        Optional.of(fixture.random(32)),
                        List.of(0, Integer.MAX_VALUE));
        SigningRequest request = of(List.of(message), "test", 0, 0);
        assertThat(RequestCodec.decode(request.payload(), LIMITS).messages())
                .containsExactly(message);
    }

    @Test
    void aRequestMayReachEveryLimit() throws Exception {
        SigningLimits.Requests most = LIMITS.requests();
        SigningRequest largest =
                of(
                        Collections.nCopies(most.messages(), message()),
                        "p".repeat(most.purposeChars()),
                        most.contextBytes(),
                        SigningRequestDraft.MAX_KEY_BYTES);
        assertThat(RequestCodec.decode(largest.payload(), LIMITS)).isEqualTo(largest);
        malformed(pb ->
                pb.setIdempotencyKey(
                        ByteString.copyFrom(new byte[SigningRequestDraft.MAX_KEY_BYTES + 1])));
        RequestPb.Builder pb = RequestPb.parseFrom(request().payload().toArray()).toBuilder();
        pb.setCreatedMillis(0).setExpiresMillis(253_402_300_799_000L);
        SigningRequest longest = RequestCodec.decode(Bytes.wrap(pb.build().toByteArray()), LIMITS);
        assertThat(longest.created()).isEqualTo(Instant.EPOCH);
        assertThat(longest.expires()).isEqualTo(Instant.parse("9999-12-31T23:59:59Z"));
    }

    /// Room for everything that the content needs, and no more for less content.
    @Test
    void theBoundOfARequestsBytesFollowsItsContent() {
        List<MessageToSign> one = List.of(message());
        int least = RequestCodec.bytesFor(of(one, "p", 0, 0));
        assertThat(least).isGreaterThan(2 * 33);
        assertThat(RequestCodec.bytesFor(of(one, "p", 500, 0))).isEqualTo(least + 500);
        assertThat(RequestCodec.bytesFor(of(one, "p", 0, 50))).isEqualTo(least + 50);
        assertThat(RequestCodec.bytesFor(of(one, "pppp", 0, 0))).isEqualTo(least + 12);
        int two = RequestCodec.bytesFor(of(List.of(message(), message()), "p", 0, 0));
        assertThat(two - least).isBetween(100, 300);
        try (GroupFixture twelve = new GroupFixture(12, 43)) {
            SigningRequest wide = twelve.request(0, 1);
            SigningRequest narrow = fixture.request(0, 1);
            int ten = RequestCodec.bytesFor(wide) - RequestCodec.bytesFor(narrow);
            assertThat(ten)
                    .isEqualTo(10 * 40)
                    .isGreaterThanOrEqualTo(wide.payload().length() - narrow.payload().length());
        }
    }
}
