package org.tutti.signing.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.pb.ReachablePb;
import org.tutti.signing.pb.RelayPb;
import org.tutti.signing.pb.RelayedPb;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.DropReason;

import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

class RelayFrameTest {
    private static final Bytes GROUP = Bytes.fromHex("9a".repeat(32));
    private static final Bytes ENVELOPE = Bytes.fromHex("0a0b0c");

    private static void requireMalformed(Bytes frame) {
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> RelayFrame.decode(frame))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(DropReason.MALFORMED));
    }

    private static Bytes frame(RelayPb pb) {
        byte[] message = pb.toByteArray();
        byte[] frame = new byte[1 + message.length];
        System.arraycopy(message, 0, frame, 1, message.length);
        return Bytes.wrap(frame);
    }

    private static RelayPb.Builder ofGroup() {
        return RelayPb.newBuilder().setGroup(ProtobufBytes.toProtobuf(GROUP));
    }

    @Test
    void eachIsReadAsItWasWritten() throws WireException {
        for (RelayFrame frame :
                List.of(
                        new RelayFrame.Forward(GROUP, OptionalInt.empty(), false, ENVELOPE),
                        new RelayFrame.Forward(GROUP, OptionalInt.of(0), true, ENVELOPE),
                        new RelayFrame.Relayed(GROUP, 16, ENVELOPE),
                        new RelayFrame.Reachable(GROUP, true, List.of(0, 3), List.of()),
                        new RelayFrame.Reachable(GROUP, false, List.of(), List.of(999)))) {
            Bytes encoded = frame.encode();
            assertThat(RelayFrame.isOne(encoded)).isTrue();
            assertThat(RelayFrame.decode(encoded)).isEqualTo(frame);
        }
    }

    @Test
    void noEnvelopeIsOne() throws WireException {
        GroupFixture fixture = new GroupFixture(2, 3);
        assertThat(RelayFrame.isOne(fixture.hello(1).envelope())).isFalse();
        assertThat(RelayFrame.isOne(Bytes.EMPTY)).isFalse();
        // And what begins like one is no envelope: no field of a protobuf has the number 0.
        Bytes frame = new RelayFrame.Relayed(GROUP, 1, fixture.hello(1).envelope()).encode();
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() ->
                        new EnvelopeVerifier(GroupTable.of(fixture.group), SigningLimits.DEFAULT)
                                .verify(frame));
    }

    @Test
    void whatDoesNotDecodeIsMalformed() {
        requireMalformed(Bytes.fromHex("00"));
        requireMalformed(Bytes.fromHex("00ff"));
        requireMalformed(frame(ofGroup().build()));
        requireMalformed(
                frame(RelayPb.newBuilder().setRelayed(RelayedPb.getDefaultInstance()).build()));
    }

    @Test
    void aFrameIsNotPadded() throws WireException {
        requireMalformed(frame(padded(RelayFrame.OVERHEAD)));
        RelayFrame.decode(frame(padded(8)));
    }

    /// With an unknown field.
    private static RelayPb padded(int bytes) {
        return ofGroup()
                .setRelayed(
                        RelayedPb.newBuilder()
                                .setFrom(1)
                                .setEnvelope(ProtobufBytes.toProtobuf(ENVELOPE)))
                .setUnknownFields(
                        UnknownFieldSet.newBuilder()
                                .addField(
                                        99,
                                        UnknownFieldSet.Field.newBuilder()
                                                .addLengthDelimited(
                                                        ByteString.copyFrom(new byte[bytes]))
                                                .build())
                                .build())
                .build();
    }

    @Test
    void aListHasBounds() throws WireException {
        List<Integer> most = Collections.nCopies(RelayFrame.MAX_LISTED, 7);
        RelayFrame.decode(new RelayFrame.Reachable(GROUP, true, most, most).encode());
        List<Integer> tooMany = Collections.nCopies(RelayFrame.MAX_LISTED + 1, 7);
        requireMalformed(new RelayFrame.Reachable(GROUP, true, tooMany, List.of()).encode());
        requireMalformed(new RelayFrame.Reachable(GROUP, true, List.of(), tooMany).encode());
        List<Integer> everybody = IntStream.range(0, RelayFrame.MAX_LISTED).boxed().toList();
        RelayFrame.decode(new RelayFrame.Reachable(GROUP, true, everybody, everybody).encode());
        requireMalformed(
                frame(
                        ofGroup()
                                .setReachable(
                                        ReachablePb.newBuilder()
                                                .addAllOpened(Collections.nCopies(900, -1))
                                                .addAllClosed(Collections.nCopies(900, -1)))
                                .build()));
    }

    @Test
    void theOverheadIsWhatAFrameNeedsAtMost() {
        Bytes longest = Bytes.wrap(new byte[SigningLimits.DEFAULT.frameBytes()]);
        assertThat(
                        new RelayFrame.Forward(
                                        GROUP, OptionalInt.of(Integer.MAX_VALUE), true, longest)
                                .encode()
                                .length())
                .isLessThanOrEqualTo(longest.length() + RelayFrame.OVERHEAD);
    }
}
