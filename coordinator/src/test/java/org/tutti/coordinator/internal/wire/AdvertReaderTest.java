package org.tutti.coordinator.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.AmountRange;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.message.Vouch;
import org.tutti.coordinator.pb.AdvertPb;
import org.tutti.coordinator.pb.VouchPb;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.protobuf.ProtobufBytes;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// What a reader takes as adverts and retirements, and every reason why it refuses.
class AdvertReaderTest {
    private final Crafted alice = new Crafted();
    private final Crafted mallory = new Crafted();
    private final StatementReader reader =
            new StatementReader(Crafted.NETWORK, MessageLimits.DEFAULT);
    private final Advert advert = full();

    private Advert full() {
        Contact contact =
                alice.signer.contact(
                        Optional.of(Bytes.fromHex("33".repeat(32))),
                        List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/1")),
                        millis(),
                        Crafted.NOW.plusSeconds(1));
        AdvertTerms terms =
                new AdvertTerms(
                        List.copyOf(EnumSet.allOf(TransactionType.class)),
                        "vault",
                        new AmountRange(1_000, 50_000_000),
                        "payroll",
                        "alice",
                        "co-signs by day",
                        new AdvertTerms.Fee(250, 1_000),
                        Duration.ofSeconds(90),
                        new AdvertTerms.Demands(3, true));
        Vouch vouch =
                Vouch.make(
                        mallory.key,
                        Crafted.NETWORK,
                        alice.publicKey(),
                        Crafted.NOW.plusSeconds(60),
                        new SecureRandom());
        return alice.signer.advert(
                new AdvertDraft(terms, List.of(vouch), Advert.MAX_LIFETIME), contact, millis());
    }

    private static long millis() {
        return Crafted.NOW.toEpochMilli();
    }

    private Statement read(Bytes envelope) throws MessageException {
        return reader.read(envelope, Crafted.NOW);
    }

    private void refused(Bytes envelope, Code code) {
        assertThatThrownBy(() -> read(envelope))
                .isInstanceOfSatisfying(
                        MessageException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private Bytes changed(UnaryOperator<AdvertPb.Builder> change) throws Exception {
        return alice.changed(
                Kind.ADVERT,
                advert.envelope(),
                body -> body.setAdvert(change.apply(body.getAdvert().toBuilder())));
    }

    @Test
    void advertsAndRetirementsAreReadAsTheyWereMade() throws Exception {
        assertThat(read(advert.envelope())).isEqualTo(advert);
        assertThat(reader.readAgain(advert.envelope())).isEqualTo(advert);
        Retirement retirement = alice.signer.retire(millis() - 5, millis());
        assertThat(read(retirement.envelope())).isEqualTo(retirement);
        assertThat(retirement.header().notAfter())
                .isEqualTo(Instant.ofEpochMilli(millis() - 5).plus(Duration.ofDays(7)));
    }

    @Test
    void nobodyChangesTheNameOrTheFeeOfAnother() throws Exception {
        for (UnaryOperator<AdvertPb.Builder> change :
                List.<UnaryOperator<AdvertPb.Builder>>of(
                        pb -> pb.setNickname("mallory"), pb -> pb.setFee(1))) {
            Bytes body =
                    Bytes.wrap(
                            Crafted.body(advert.envelope()).toBuilder()
                                    .setAdvert(
                                            change.apply(
                                                    Crafted.body(advert.envelope())
                                                            .getAdvert()
                                                            .toBuilder()))
                                    .build()
                                    .toByteArray());
            // Sealed by mallory's identity, with the signature of alice's key over the old body.
            refused(
                    mallory.seal(Kind.ADVERT.payloadType(), Kind.DOMAIN, body, Crafted.ascii64()),
                    Code.BAD_IDENTITY);
            // Sealed by alice's own identity: her key did not sign it.
            refused(
                    alice.seal(Kind.ADVERT.payloadType(), Kind.DOMAIN, body, Crafted.ascii64()),
                    Code.BAD_SIGNATURE);
        }
    }

    @Test
    void nobodyAdvertisesWithTheKeyOrThePeerOfAnother() throws Exception {
        refused(
                mallory.changed(
                        Kind.ADVERT,
                        mallory.advert(millis(), Duration.ofHours(1), TransactionType.SPEND)
                                .envelope(),
                        b -> b.setKey(ProtobufBytes.toProtobuf(alice.publicKey().bytes()))),
                Code.BAD_SIGNATURE);
        refused(
                mallory.changed(
                        Kind.ADVERT,
                        mallory.advert(millis(), Duration.ofHours(1), TransactionType.SPEND)
                                .envelope(),
                        b ->
                                b.setAuthor(
                                        ProtobufBytes.toProtobuf(
                                                alice.identity.publicKey().peerId().multihash()))),
                Code.BAD_IDENTITY);
    }

    @Test
    void anAdvertIsNothingElseAndNothingElseIsAnAdvert() throws Exception {
        for (Kind kind : Kind.values()) {
            if (kind != Kind.ADVERT) {
                // As another kind, with the other's tag.
                refused(
                        alice.sign(kind, kind.tag(), Crafted.body(advert.envelope())),
                        Code.WRONG_KIND);
                // As an advert, with the other's tag.
                refused(
                        alice.sign(Kind.ADVERT, kind.tag(), Crafted.body(advert.envelope())),
                        Code.BAD_SIGNATURE);
            }
        }
        // A group's attestation has another tag yet.
        refused(
                alice.sign(Kind.ADVERT, "tutti/attestation", Crafted.body(advert.envelope())),
                Code.BAD_SIGNATURE);
        refused(
                alice.changed(
                        Kind.ADVERT,
                        advert.envelope(),
                        b -> b.setSubject(ByteString.copyFrom(new byte[32]))),
                Code.MALFORMED);
    }

    @Test
    void timesCountWithTheSkewOfAClock() {
        refused(
                alice.advert(millis() + 300_001, Duration.ofHours(1), TransactionType.SPEND)
                        .envelope(),
                Code.BAD_TIMES);
        refused(
                alice.advert(millis() - 2_000, Duration.ofSeconds(2), TransactionType.SPEND)
                        .envelope(),
                Code.EXPIRED);
        assertThatThrownBy(() ->
                        new AdvertDraft(
                                advert.terms(), List.of(), Advert.MAX_LIFETIME.plusMillis(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anAdvertCountsForSevenDaysAtMost() throws Exception {
        refused(
                alice.changed(
                        Kind.ADVERT, advert.envelope(), b -> b.setNotAfter(b.getNotAfter() + 1)),
                Code.BAD_TIMES);
    }

    @Test
    void aTombstoneCountsExactlyAsLongAsWhatItTakesBackCould() throws Exception {
        Bytes retirement = alice.signer.retire(millis(), millis()).envelope();
        refused(
                alice.changed(Kind.RETIRE, retirement, b -> b.setNotAfter(b.getNotAfter() - 1)),
                Code.MALFORMED);
        // One that takes back what is yet to come.
        refused(alice.signer.retire(millis() + 1, millis()).envelope(), Code.MALFORMED);
        // Of what counts no longer anyway.
        refused(
                alice.signer.retire(millis() - Duration.ofDays(7).toMillis(), millis()).envelope(),
                Code.EXPIRED);
    }

    @Test
    void fieldsHaveLimits() throws Exception {
        refused(changed(AdvertPb.Builder::clearTypes), Code.MALFORMED);
        refused(changed(pb -> pb.addTypes(AdvertPb.Type.TYPE_SPEND)), Code.LIMIT);
        refused(
                changed(pb ->
                        pb.clearTypes()
                                .addTypes(AdvertPb.Type.TYPE_SWAP)
                                .addTypes(AdvertPb.Type.TYPE_SPEND)),
                Code.MALFORMED);
        refused(
                changed(pb ->
                        pb.clearTypes()
                                .addTypes(AdvertPb.Type.TYPE_CUSTOM)
                                .addTypes(AdvertPb.Type.TYPE_CUSTOM)),
                Code.MALFORMED);
        refused(changed(pb -> pb.clearTypes().addTypesValue(8)), Code.MALFORMED);
        refused(
                changed(pb -> pb.clearTypes().addTypes(AdvertPb.Type.TYPE_UNSPECIFIED)),
                Code.MALFORMED);
        refused(
                changed(pb -> pb.clearTypes().addTypes(AdvertPb.Type.TYPE_SPEND)),
                Code.MALFORMED); // A custom type without CUSTOM.
        refused(changed(pb -> pb.setCustomType("x".repeat(33))), Code.LIMIT);
        refused(changed(pb -> pb.setPurpose("x".repeat(65))), Code.LIMIT);
        refused(changed(pb -> pb.setNickname("x".repeat(65))), Code.LIMIT);
        refused(changed(pb -> pb.setNickname("al\u202eice")), Code.MALFORMED);
        refused(changed(pb -> pb.setDescription("x".repeat(1_001))), Code.LIMIT);
        refused(changed(pb -> pb.setMinAmount(-1)), Code.MALFORMED);
        refused(changed(pb -> pb.setMinAmount(50_000_001)), Code.MALFORMED);
        refused(changed(pb -> pb.setMaxAmount(2_100_000_000_000_001L)), Code.MALFORMED);
        refused(changed(pb -> pb.setFee(-1)), Code.MALFORMED);
        refused(changed(pb -> pb.setFeePpm(1_000_001)), Code.MALFORMED);
        refused(changed(pb -> pb.setResponseSeconds(604_801)), Code.MALFORMED);
        refused(changed(pb -> pb.setResponseSeconds(-1)), Code.MALFORMED);
        refused(changed(pb -> pb.setMinReputation(-1)), Code.MALFORMED);
        refused(changed(pb -> pb.setInboxKey(ByteString.copyFrom(new byte[31]))), Code.MALFORMED);
        refused(
                changed(pb -> pb.addAllAddresses(Collections.nCopies(8, pb.getAddresses(0)))),
                Code.LIMIT);
        refused(
                changed(pb -> pb.addAllVouches(Collections.nCopies(4, pb.getVouches(0)))),
                Code.LIMIT);
        refused(changed(pb -> pb.addVouches(pb.getVouches(0))), Code.MALFORMED);
        refused(changed(pb -> pb.setVouches(0, VouchPb.getDefaultInstance())), Code.MALFORMED);
    }

    @Test
    void anAdvertOfMoreThanTenKilobytesIsNotLookedAt() throws Exception {
        Bytes long_ =
                changed(pb -> {
                    pb.clearAddresses();
                    for (int i = 0; i < 8; i++) {
                        pb.addAddresses(
                                ByteString.copyFrom(
                                        Multiaddr.parse("/dns4/" + "a".repeat(1_500) + "/tcp/1")
                                                .toBytes()));
                    }
                    return pb;
                });
        assertThat(long_.length()).isBetween(Advert.MAX_BYTES + 1, 50_000);
        refused(long_, Code.TOO_LARGE);
        byte[] retirement = alice.signer.retire(millis(), millis()).envelope().toArray();
        assertThat(retirement.length).isLessThan(400);
    }

    @Test
    void aVouchIsForOneKeyOnOneChainUntilItsEnd() {
        Vouch vouch = advert.vouches().getFirst();
        assertThat(vouch.isFor(Crafted.NETWORK, alice.publicKey())).isTrue();
        assertThat(vouch.isFor(Crafted.NETWORK, mallory.publicKey())).isFalse();
        assertThat(vouch.isFor(Bytes.wrap(new byte[32]), alice.publicKey())).isFalse();
        Vouch longer = new Vouch(vouch.key(), vouch.notAfter().plusMillis(1), vouch.signature());
        assertThat(longer.isFor(Crafted.NETWORK, alice.publicKey())).isFalse();
    }

    @Test
    void questionsAndAnswersHaveLimits() throws Exception {
        MessageLimits limits = MessageLimits.DEFAULT;
        List<Bytes> tooMany = Collections.nCopies(65, Bytes.fromHex("00"));
        List<Bytes> tooLong = List.of(Bytes.wrap(new byte[Advert.MAX_BYTES + 1]));
        for (List<Bytes> bad : List.of(tooMany, tooLong)) {
            byte[] question = ExchangeCodec.encode(new Question.Adverts(bad));
            assertThatThrownBy(() -> ExchangeCodec.decodeQuestion(question, limits))
                    .isInstanceOf(MessageException.class);
            byte[] answer = ExchangeCodec.encode(new Answer.Found(bad, false));
            assertThatThrownBy(() -> ExchangeCodec.decodeAnswer(answer, limits))
                    .isInstanceOf(MessageException.class);
        }
        Question.Find find =
                new Question.Find(Set.of(TransactionType.SWAP), Optional.of(alice.publicKey()));
        assertThat(ExchangeCodec.decodeQuestion(ExchangeCodec.encode(find), limits))
                .isEqualTo(find);
    }
}
