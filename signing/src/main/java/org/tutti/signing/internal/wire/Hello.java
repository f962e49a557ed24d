package org.tutti.signing.internal.wire;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.pb.HelloPb;
import org.tutti.signing.session.DropReason;

/// The first message on a stream: which process it is, what it remembers of the receiver, and what
/// it takes the group's terms to be. It is a challenge too: the receiver answers with [Answer].
///
/// @param group id of the group, 32 bytes
/// @param signer index of the author in the group
/// @param boot drawn by the author each time it begins to take part in the group
/// @param remembered the receiver's own statement with the highest head of its journal that the
///   author has; empty if it has none
/// @param challenge number of this challenge among those of the author's process, from 1
/// @param sayAgain the author has not heard the receiver's hello: it may have been said before the
///   author took part in the group
/// @param recovering id of the author's journal while it waits for the others' consent to use it,
///   because the one before was lost; otherwise empty
/// @param receiverBoot boot id of the receiver's process, as the author has heard of it: such a
///   hello is for that process alone, and was made after it began. Only in a group with a relay;
///   otherwise empty
public record Hello(
        Bytes group,
        int signer,
        Bytes boot,
        Bytes remembered,
        long challenge,
        Terms terms,
        boolean sayAgain,
        Bytes recovering,
        Bytes receiverBoot) {
    public Hello {
        group.requireLength(32, "group id");
        boot.requireLength(Contribution.BOOT_BYTES, "boot id");
        Challenge.requireNumber(challenge);
        if (!recovering.isEmpty()) {
            recovering.requireLength(JournalHead.JOURNAL_ID_BYTES, "journal id");
        }
        if (!receiverBoot.isEmpty()) {
            receiverBoot.requireLength(Contribution.BOOT_BYTES, "boot id of the receiver");
        }
    }

    /// One that names no process of its receiver.
    public Hello(
            Bytes group,
            int signer,
            Bytes boot,
            Bytes remembered,
            long challenge,
            Terms terms,
            boolean sayAgain,
            Bytes recovering) {
        this(group, signer, boot, remembered, challenge, terms, sayAgain, recovering, Bytes.EMPTY);
    }

    Bytes encode() {
        return Bytes.wrap(
                HelloPb.newBuilder()
                        .setVersion(RequestCodec.VERSION)
                        .setGroup(ProtobufBytes.toProtobuf(group))
                        .setSigner(signer)
                        .setBoot(ProtobufBytes.toProtobuf(boot))
                        .setRemembered(ProtobufBytes.toProtobuf(remembered))
                        .setChallenge(challenge)
                        .setTerms(ProtobufBytes.toProtobuf(terms.text()))
                        .setTermsSignature(ProtobufBytes.toProtobuf(terms.signature()))
                        .setSayAgain(sayAgain)
                        .setRecovering(ProtobufBytes.toProtobuf(recovering))
                        .setReceiverBoot(ProtobufBytes.toProtobuf(receiverBoot))
                        .build()
                        .toByteArray());
    }

    /// @throws WireException if it is not a hello of this version
    static Hello decode(Bytes payload) throws WireException {
        try {
            HelloPb pb = HelloPb.parseFrom(payload.toArray());
            RequestCodec.requireVersion(pb.getVersion());
            return new Hello(
                    ProtobufBytes.fromProtobuf(pb.getGroup()),
                    pb.getSigner(),
                    ProtobufBytes.fromProtobuf(pb.getBoot()),
                    ProtobufBytes.fromProtobuf(pb.getRemembered()),
                    pb.getChallenge(),
                    new Terms(
                            ProtobufBytes.fromProtobuf(pb.getTerms()),
                            ProtobufBytes.fromProtobuf(pb.getTermsSignature())),
                    pb.getSayAgain(),
                    ProtobufBytes.fromProtobuf(pb.getRecovering()),
                    ProtobufBytes.fromProtobuf(pb.getReceiverBoot()));
        } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
            throw new WireException(DropReason.MALFORMED, "the hello does not decode");
        }
    }
}
