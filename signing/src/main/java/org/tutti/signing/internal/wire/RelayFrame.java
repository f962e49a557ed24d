package org.tutti.signing.internal.wire;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.pb.ForwardPb;
import org.tutti.signing.pb.ReachablePb;
import org.tutti.signing.pb.RelayPb;
import org.tutti.signing.pb.RelayedPb;
import org.tutti.signing.session.DropReason;

import java.util.List;
import java.util.OptionalInt;

/// What a member and a relay of a group say to each other beside envelopes: a zero byte, with which
/// no protobuf begins and so no envelope, and a message. It is not signed: it speaks of the stream
/// that it is on. What it carries is an envelope, which its receiver verifies.
public sealed interface RelayFrame {
    /// Most bytes of a frame besides the envelope in it: the zero, the group, and what is around
    /// them.
    int OVERHEAD = 64;

    /// Most bytes of a frame with lists of members.
    int MAX_LIST_BYTES = 8 << 10;

    /// Most members in a list.
    int MAX_LISTED = 1_000;

    /// Id of the group, 32 bytes.
    Bytes group();

    /// To a relay: what it is to pass on.
    ///
    /// @param to index of the receiver; none: all others, the relay among them
    /// @param everyConnection on all connections with the receiver's identity
    /// @param envelope signed by the stream's peer; not verified here
    record Forward(Bytes group, OptionalInt to, boolean everyConnection, Bytes envelope)
            implements RelayFrame {}

    /// From a relay: what a member gave it.
    ///
    /// @param from index of that member, who has signed it
    /// @param envelope not verified here
    record Relayed(Bytes group, int from, Bytes envelope) implements RelayFrame {}

    /// From a relay: to whom its streams are open.
    ///
    /// @param all `opened` are all to whom one is open; otherwise those to whom one was opened
    ///   since the frame before
    /// @param opened indices
    /// @param closed indices
    record Reachable(Bytes group, boolean all, List<Integer> opened, List<Integer> closed)
            implements RelayFrame {
        public Reachable {
            opened = List.copyOf(opened);
            closed = List.copyOf(closed);
        }
    }

    /// Whether a frame is one of these, and not an envelope.
    static boolean isOne(Bytes frame) {
        return !frame.isEmpty() && frame.get(0) == 0;
    }

    /// The frame, without its length.
    default Bytes encode() {
        RelayPb.Builder pb = RelayPb.newBuilder().setGroup(ProtobufBytes.toProtobuf(group()));
        switch (this) {
            case Forward(Bytes _, OptionalInt to, boolean everyConnection, Bytes envelope) -> {
                ForwardPb.Builder forward =
                        ForwardPb.newBuilder()
                                .setEveryConnection(everyConnection)
                                .setEnvelope(ProtobufBytes.toProtobuf(envelope));
                to.ifPresent(forward::setTo);
                pb.setForward(forward);
            }
            case Relayed(Bytes _, int from, Bytes envelope) ->
                    pb.setRelayed(
                            RelayedPb.newBuilder()
                                    .setFrom(from)
                                    .setEnvelope(ProtobufBytes.toProtobuf(envelope)));
            case Reachable(Bytes _, boolean all, List<Integer> opened, List<Integer> closed) ->
                    pb.setReachable(
                            ReachablePb.newBuilder()
                                    .setAll(all)
                                    .addAllOpened(opened)
                                    .addAllClosed(closed));
        }
        byte[] message = pb.build().toByteArray();
        byte[] frame = new byte[1 + message.length];
        System.arraycopy(message, 0, frame, 1, message.length);
        return Bytes.wrap(frame);
    }

    /// @param frame one that [#isOne]
    /// @throws WireException with `MALFORMED` if it does not decode, lists too many, or is longer
    ///   than its envelope needs
    static RelayFrame decode(Bytes frame) throws WireException {
        try {
            RelayPb pb = RelayPb.parseFrom(frame.slice(1, frame.length()).toArray());
            Bytes group = ProtobufBytes.fromProtobuf(pb.getGroup()).requireLength(32, "group id");
            RelayFrame decoded =
                    switch (pb.getBodyCase()) {
                        case FORWARD -> forward(group, pb.getForward());
                        case RELAYED ->
                                new Relayed(
                                        group,
                                        pb.getRelayed().getFrom(),
                                        ProtobufBytes.fromProtobuf(pb.getRelayed().getEnvelope()));
                        case REACHABLE -> reachable(group, pb.getReachable());
                        case BODY_NOT_SET ->
                                throw new WireException(
                                        DropReason.MALFORMED,
                                        "a frame for a relay that says nothing");
                    };
            requireUnpadded(frame, decoded);
            return decoded;
        } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
            throw new WireException(DropReason.MALFORMED, "a frame of a relay does not decode");
        }
    }

    private static Forward forward(Bytes group, ForwardPb pb) {
        return new Forward(
                group,
                pb.hasTo() ? OptionalInt.of(pb.getTo()) : OptionalInt.empty(),
                pb.getEveryConnection(),
                ProtobufBytes.fromProtobuf(pb.getEnvelope()));
    }

    private static Reachable reachable(Bytes group, ReachablePb pb) throws WireException {
        if (pb.getOpenedCount() > MAX_LISTED || pb.getClosedCount() > MAX_LISTED) {
            throw new WireException(DropReason.MALFORMED, "a relay lists too many members");
        }
        return new Reachable(group, pb.getAll(), pb.getOpenedList(), pb.getClosedList());
    }

    private static void requireUnpadded(Bytes frame, RelayFrame decoded) throws WireException {
        int most =
                switch (decoded) {
                    case Forward forward -> forward.envelope().length() + OVERHEAD;
                    case Relayed relayed -> relayed.envelope().length() + OVERHEAD;
                    case Reachable _ -> MAX_LIST_BYTES;
                };
        if (frame.length() > most) {
            throw new WireException(DropReason.MALFORMED, "a padded frame of a relay");
        }
    }
}
