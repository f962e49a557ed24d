package org.tutti.signing.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tutti.base.Bytes;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.pb.AbortPb;
import org.tutti.signing.pb.AttestationPb;
import org.tutti.signing.pb.ContributionPb;
import org.tutti.signing.pb.FinalPb;
import org.tutti.signing.pb.HeadPb;
import org.tutti.signing.pb.NoncesPb;
import org.tutti.signing.pb.PartialsPb;
import org.tutti.signing.pb.ReadyPb;
import org.tutti.signing.pb.RefusePb;
import org.tutti.signing.pb.RetransmissionRequestPb;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.DropReason;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

class ContributionCodecTest {
    private static final SessionId SESSION = new SessionId(filled(32, 1));
    private static final Bytes GROUP = filled(32, 4);
    private static final Bytes BOOT = filled(16, 3);
    private static final KeyAttestation ATTESTATION = new KeyAttestation(7, 8, filled(64, 2));
    private static final JournalHead HEAD = TestJournals.head(5, filled(32, 9));

    private static Bytes filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return Bytes.wrap(bytes);
    }

    private static AttestationPb attestation(int length) {
        return AttestationPb.newBuilder().setSignature(zeros(length)).build();
    }

    private static ByteString zeros(int length) {
        return ByteString.copyFrom(new byte[length]);
    }

    private static List<Contribution.Body> bodies() {
        return List.of(
                new Contribution.Ready(ATTESTATION, HEAD),
                new Contribution.Nonces(List.of(filled(66, 3), filled(66, 4)), HEAD),
                new Contribution.Partials(List.of(filled(32, 5)), filled(32, 6)),
                new Contribution.Refuse("NO", "because"),
                new Contribution.Abort("BAD", List.of(0, 2), "reason", List.of(filled(9, 7))),
                new Contribution.NonceSet(
                        List.of(filled(10, 8), filled(11, 8)), List.of(ATTESTATION)),
                new Contribution.Final(List.of(filled(64, 9))),
                new Contribution.RetransmissionRequest(Contribution.Phase.NONCES, List.of(1, 2)));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void everyKindIsEqualAfterEncodingAndDecoding(Contribution.Body body) throws Exception {
        Contribution contribution = new Contribution(GROUP, BOOT, SESSION, 3, 2, body);
        assertThat(ContributionCodec.decode(ContributionCodec.encode(contribution)))
                .isEqualTo(contribution);
    }

    @Test
    void bytesOfReadyAreAsDocumented() {
        Contribution ready =
                new Contribution(
                        GROUP, BOOT, SESSION, 3, 2, new Contribution.Ready(ATTESTATION, HEAD));
        String session = "01".repeat(32);
        String attestation = "0807" + "1008" + "1a40" + "02".repeat(64);
        String head = "0805" + "1220" + "09".repeat(32) + "1a10" + "a1".repeat(16);
        String body = "0a46" + attestation + "1236" + head;
        String process = "6a20" + "04".repeat(32) + "7210" + "03".repeat(16);
        assertThat(ContributionCodec.encode(ready).toHex())
                .isEqualTo("0802" + "1220" + session + "1803" + "2002" + "2a8001" + body + process);
    }

    @Test
    void everyKindHasItsFieldNumber() {
        int[] numbers = {5, 6, 7, 8, 9, 10, 11, 12};
        for (int i = 0; i < numbers.length; i++) {
            Bytes payload =
                    ContributionCodec.encode(
                            new Contribution(GROUP, BOOT, SESSION, 1, 1, bodies().get(i)));
            // After version (2 bytes), session (34), attempt (2) and signer (2).
            assertThat(payload.get(40)).isEqualTo((byte) (numbers[i] << 3 | 2));
        }
    }

    private static ContributionPb.Builder valid() {
        return ContributionPb.newBuilder()
                .setVersion(2)
                .setGroup(zeros(32))
                .setBoot(zeros(16))
                .setSession(zeros(32))
                .setAttempt(1)
                .setSigner(0)
                .setRefuse(RefusePb.newBuilder().setCode("NO").setReason("because"));
    }

    private static HeadPb head(int hashBytes) {
        return HeadPb.newBuilder()
                .setCount(1)
                .setHash(zeros(hashBytes))
                .setJournal(zeros(16))
                .build();
    }

    private static void refuses(Consumer<ContributionPb.Builder> change, DropReason reason) {
        ContributionPb.Builder pb = valid();
        change.accept(pb);
        assertThatThrownBy(() -> ContributionCodec.decode(Bytes.wrap(pb.build().toByteArray())))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void validContributionDecodes() throws Exception {
        assertThat(ContributionCodec.decode(Bytes.wrap(valid().build().toByteArray())).attempt())
                .isEqualTo(1);
    }

    @Test
    void otherVersionIsRefused() {
        refuses(pb -> pb.setVersion(1), DropReason.WRONG_VERSION);
        refuses(pb -> pb.setVersion(0), DropReason.WRONG_VERSION);
    }

    @Test
    void sessionAttemptSignerAndBodyAreRequired() {
        refuses(pb -> pb.setSession(zeros(31)), DropReason.MALFORMED);
        refuses(pb -> pb.setSession(zeros(33)), DropReason.MALFORMED);
        refuses(pb -> pb.setAttempt(0), DropReason.MALFORMED);
        refuses(pb -> pb.setAttempt(-1), DropReason.MALFORMED);
        refuses(pb -> pb.setSigner(-1), DropReason.MALFORMED);
        refuses(ContributionPb.Builder::clearBody, DropReason.MALFORMED);
        refuses(ContributionPb.Builder::clearGroup, DropReason.MALFORMED);
        refuses(pb -> pb.setGroup(zeros(31)), DropReason.MALFORMED);
        refuses(ContributionPb.Builder::clearBoot, DropReason.MALFORMED);
        refuses(pb -> pb.setBoot(zeros(17)), DropReason.MALFORMED);
    }

    @Test
    void valuesOfAnotherLengthAreRefused() {
        refuses(
                pb ->
                        pb.setReady(
                                ReadyPb.newBuilder()
                                        .setAttestation(attestation(63))
                                        .setHead(head(32))),
                DropReason.MALFORMED);
        refuses(
                pb ->
                        pb.setReady(
                                ReadyPb.newBuilder()
                                        .setAttestation(attestation(64))
                                        .setHead(head(31))),
                DropReason.MALFORMED);
        refuses(
                pb -> pb.setNonces(NoncesPb.newBuilder().addNonces(zeros(65)).setHead(head(32))),
                DropReason.MALFORMED);
        refuses(
                pb ->
                        pb.setPartials(
                                PartialsPb.newBuilder()
                                        .addPartials(zeros(33))
                                        .setNonceSetHash(zeros(32))),
                DropReason.MALFORMED);
        refuses(
                pb ->
                        pb.setPartials(
                                PartialsPb.newBuilder()
                                        .addPartials(zeros(32))
                                        .setNonceSetHash(zeros(31))),
                DropReason.MALFORMED);
        refuses(
                pb -> pb.setFinal(FinalPb.newBuilder().addSignatures(zeros(63))),
                DropReason.MALFORMED);
    }

    @Test
    void headWithoutTheIdOfItsJournalIsRefused() {
        for (int length : new int[] {0, 15, 17}) {
            HeadPb head = head(32).toBuilder().setJournal(zeros(length)).build();
            refuses(
                    pb -> pb.setNonces(NoncesPb.newBuilder().addNonces(zeros(66)).setHead(head)),
                    DropReason.MALFORMED);
        }
    }

    @Test
    void journalCountAboveALongIsRefused() {
        HeadPb negative =
                HeadPb.newBuilder().setCount(-1).setHash(zeros(32)).setJournal(zeros(16)).build();
        refuses(
                pb ->
                        pb.setReady(
                                ReadyPb.newBuilder()
                                        .setAttestation(attestation(64))
                                        .setHead(negative)),
                DropReason.MALFORMED);
    }

    @Test
    void retransmissionRequestNeedsAKnownPhase() {
        refuses(
                pb -> pb.setRetransmissionRequest(RetransmissionRequestPb.newBuilder()),
                DropReason.MALFORMED);
        refuses(
                pb ->
                        pb.setRetransmissionRequest(
                                RetransmissionRequestPb.newBuilder().setPhaseValue(9)),
                DropReason.MALFORMED);
    }

    @Test
    void longTextIsRefusedAndIsTruncatedWhenEncoded() throws Exception {
        String code = "C".repeat(ContributionCodec.MAX_CODE + 1);
        String reason = "r".repeat(ContributionCodec.MAX_REASON + 1);
        refuses(pb -> pb.setRefuse(RefusePb.newBuilder().setCode(code)), DropReason.MALFORMED);
        refuses(pb -> pb.setRefuse(RefusePb.newBuilder().setReason(reason)), DropReason.MALFORMED);
        refuses(pb -> pb.setAbort(AbortPb.newBuilder().setCode(code)), DropReason.MALFORMED);
        refuses(pb -> pb.setAbort(AbortPb.newBuilder().setReason(reason)), DropReason.MALFORMED);
        Contribution own =
                new Contribution(GROUP, BOOT, SESSION, 1, 0, new Contribution.Refuse(code, reason));
        assertThat(ContributionCodec.decode(ContributionCodec.encode(own)).body())
                .isEqualTo(
                        new Contribution.Refuse(
                                "C".repeat(ContributionCodec.MAX_CODE),
                                "r".repeat(ContributionCodec.MAX_REASON)));
    }

    @Test
    void textThatActsOnATerminalIsRefused() {
        for (String bad : List.of("a\nb", "\u001b[2J", "b\ra", "\u202eevil", "\u2028")) {
            for (ContributionPb.Builder pb :
                    List.of(
                            valid().setRefuse(RefusePb.newBuilder().setCode(bad)),
                            valid().setRefuse(RefusePb.newBuilder().setReason(bad)),
                            valid().setAbort(AbortPb.newBuilder().setCode(bad)),
                            valid().setAbort(AbortPb.newBuilder().setReason(bad)))) {
                assertThatThrownBy(() ->
                                ContributionCodec.decode(Bytes.wrap(pb.build().toByteArray())))
                        .as(pb.toString())
                        .isInstanceOf(WireException.class);
            }
        }
    }

    @Test
    void ownTextIsSentSoThatOthersTakeIt() throws Exception {
        String reason = "\u001b[2Jé" + "\uD83D\uDC4D".repeat(ContributionCodec.MAX_REASON);
        Contribution own =
                new Contribution(
                        GROUP, BOOT, SESSION, 1, 0, new Contribution.Refuse("C\n", reason));
        Contribution.Refuse sent =
                (Contribution.Refuse)
                        ContributionCodec.decode(ContributionCodec.encode(own)).body();
        assertThat(sent.code()).isEqualTo("C\\x{a}");
        assertThat(sent.reason())
                .startsWith("\\x{1b}[2Jé\uD83D\uDC4D")
                .hasSizeBetween(ContributionCodec.MAX_REASON - 1, ContributionCodec.MAX_REASON);
    }

    @Test
    void truncatedBytesAreRefusedAndUnknownFieldsSkipped() throws Exception {
        Contribution contribution =
                new Contribution(GROUP, BOOT, SESSION, 1, 0, bodies().getFirst());
        Bytes payload = ContributionCodec.encode(contribution);
        for (int length = 0; length < payload.length(); length++) {
            Bytes cut = payload.slice(0, length);
            assertThatThrownBy(() -> ContributionCodec.decode(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(WireException.class);
        }
        Bytes unknown = Bytes.fromHex("a20602abcd"); // field 100, two bytes
        assertThat(ContributionCodec.decode(Bytes.concat(payload, unknown)))
                .isEqualTo(contribution);
    }
}
