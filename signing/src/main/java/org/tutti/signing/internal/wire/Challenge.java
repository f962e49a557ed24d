package org.tutti.signing.internal.wire;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.pb.ChallengePb;
import org.tutti.signing.pb.SeenPb;
import org.tutti.signing.session.DropReason;

import java.util.BitSet;
import java.util.List;

/// Which processes its author sees, to all members. A process that is not among those of its
/// identity answers, and so does every process of a signer that is asked; members pass it on to the
/// processes that its author may not reach.
///
/// @param group id of the group, 32 bytes
/// @param signer index of the author in the group
/// @param boot of the author's process
/// @param number among the challenges of the author's process, from 1
/// @param asked signers of which every process answers
public record Challenge(
        Bytes group, int signer, Bytes boot, long number, List<Seen> seen, List<Integer> asked) {
    /// Most processes that can be seen of one identity: more than one is a fault.
    public static final int MAX_PER_SIGNER = 4;

    private static final int MOST_BYTES_OF_INDEX = 5;

    /// Boot id and index, each after a tag, and tag and length of both.
    private static final int MOST_BYTES_OF_SEEN =
            2 + (2 + Contribution.BOOT_BYTES) + (1 + MOST_BYTES_OF_INDEX);

    public Challenge {
        group.requireLength(32, "group id");
        boot.requireLength(Contribution.BOOT_BYTES, "boot id");
        requireNumber(number);
        seen = List.copyOf(seen);
        asked = List.copyOf(asked);
    }

    /// A process that the author sees.
    public record Seen(int signer, Bytes boot) {
        public Seen {
            boot.requireLength(Contribution.BOOT_BYTES, "boot id");
        }
    }

    /// For each signer, whether one of its processes has to answer.
    ///
    /// @param processes of each signer, as the receiver sees them; in signer order
    public BitSet concerns(List<List<Bytes>> processes) {
        int[] known = new int[processes.size()];
        BitSet seesAny = new BitSet();
        for (Seen one : seen) {
            if (one.signer < processes.size()) {
                seesAny.set(one.signer);
                known[one.signer] += processes.get(one.signer).contains(one.boot) ? 1 : 0;
            }
        }
        BitSet concerned = new BitSet();
        for (int i = 0; i < known.length; i++) {
            concerned.set(i, seesAny.get(i) && known[i] < processes.get(i).size());
        }
        asked.forEach(concerned::set);
        return concerned;
    }

    /// Most bytes of the encoding of its lists.
    int bytesOfLists() {
        return seen.size() * MOST_BYTES_OF_SEEN + asked.size() * MOST_BYTES_OF_INDEX;
    }

    static void requireNumber(long number) {
        if (number < 1) {
            throw new IllegalArgumentException("challenge " + number);
        }
    }

    Bytes encode() {
        ChallengePb.Builder pb =
                ChallengePb.newBuilder()
                        .setVersion(RequestCodec.VERSION)
                        .setGroup(ProtobufBytes.toProtobuf(group))
                        .setSigner(signer)
                        .setBoot(ProtobufBytes.toProtobuf(boot))
                        .setNumber(number)
                        .addAllAsked(asked);
        for (Seen one : seen) {
            pb.addSeen(
                    SeenPb.newBuilder()
                            .setSigner(one.signer)
                            .setBoot(ProtobufBytes.toProtobuf(one.boot)));
        }
        return Bytes.wrap(pb.build().toByteArray());
    }

    /// @throws WireException if it is not a challenge of this version
    static Challenge decode(Bytes payload) throws WireException {
        try {
            ChallengePb pb = ChallengePb.parseFrom(payload.toArray());
            RequestCodec.requireVersion(pb.getVersion());
            return new Challenge(
                    ProtobufBytes.fromProtobuf(pb.getGroup()),
                    pb.getSigner(),
                    ProtobufBytes.fromProtobuf(pb.getBoot()),
                    pb.getNumber(),
                    pb.getSeenList().stream()
                            .map(s ->
                                    new Seen(
                                            s.getSigner(), ProtobufBytes.fromProtobuf(s.getBoot())))
                            .toList(),
                    pb.getAskedList());
        } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
            throw new WireException(DropReason.MALFORMED, "the challenge does not decode");
        }
    }
}
