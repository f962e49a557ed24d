package org.tutti.signing.internal.wire;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.pb.AnswerPb;
import org.tutti.signing.session.DropReason;

/// That a process was there after a challenge was made: [Hello] or [Challenge].
///
/// @param group id of the group, 32 bytes
/// @param signer index of the author in the group
/// @param boot of the author's process
/// @param challenger index of the challenge's author
/// @param challengerBoot of the process that made the challenge
/// @param number of the challenge
public record Answer(
        Bytes group, int signer, Bytes boot, int challenger, Bytes challengerBoot, long number) {
    public Answer {
        group.requireLength(32, "group id");
        boot.requireLength(Contribution.BOOT_BYTES, "boot id");
        challengerBoot.requireLength(Contribution.BOOT_BYTES, "boot id");
        Challenge.requireNumber(number);
    }

    Bytes encode() {
        return Bytes.wrap(
                AnswerPb.newBuilder()
                        .setVersion(RequestCodec.VERSION)
                        .setGroup(ProtobufBytes.toProtobuf(group))
                        .setSigner(signer)
                        .setBoot(ProtobufBytes.toProtobuf(boot))
                        .setChallenger(challenger)
                        .setChallengerBoot(ProtobufBytes.toProtobuf(challengerBoot))
                        .setNumber(number)
                        .build()
                        .toByteArray());
    }

    /// @throws WireException if it is not an answer of this version
    static Answer decode(Bytes payload) throws WireException {
        try {
            AnswerPb pb = AnswerPb.parseFrom(payload.toArray());
            RequestCodec.requireVersion(pb.getVersion());
            return new Answer(
                    ProtobufBytes.fromProtobuf(pb.getGroup()),
                    pb.getSigner(),
                    ProtobufBytes.fromProtobuf(pb.getBoot()),
                    pb.getChallenger(),
                    ProtobufBytes.fromProtobuf(pb.getChallengerBoot()),
                    pb.getNumber());
        } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
            throw new WireException(DropReason.MALFORMED, "the answer does not decode");
        }
    }
}
