package org.tutti.coordinator.group;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.pb.GroupRecordPb;
import org.tutti.libp2p.protobuf.ProtobufBytes;

import java.util.List;
import java.util.Optional;

/// A formed group as one of its members has it: everything that was said until it was there. A
/// member that has lost it with its disk, and kept its keys, takes it from any other
/// (docs/protocol.md, "Groups"). Nothing in it is secret from a member, and all of it is signed.
///
/// @param proposal its envelope
/// @param statements envelopes of consents, leaves, seals, successions and helds, in the order in
///   which they are understood
/// @param previous encoding of the descriptor of the group that it follows
public record GroupRecord(Bytes proposal, List<Bytes> statements, Optional<Bytes> previous) {
    /// The longest encoding: whoever reads one holds it in memory several times.
    public static final int MAX_BYTES = 640 << 10;

    /// Members and those who leave, together, each say at most four things.
    private static final int MAX_STATEMENTS = 4 * Proposal.MAX_PARTICIPANTS;

    private static final int VERSION = 1;

    public GroupRecord {
        statements = List.copyOf(statements);
    }

    /// Protobuf `GroupRecordPb`.
    public Bytes encode() {
        return Bytes.wrap(
                GroupRecordPb.newBuilder()
                        .setVersion(VERSION)
                        .setProposal(ProtobufBytes.toProtobuf(proposal))
                        .addAllStatements(ProtobufBytes.listToProtobuf(statements))
                        .setPrevious(ProtobufBytes.toProtobuf(previous.orElse(Bytes.EMPTY)))
                        .build()
                        .toByteArray());
    }

    /// What [#encode] made; what is in it was not looked at.
    ///
    /// @throws MessageException `TOO_LARGE`, `LIMIT`, `MALFORMED`, `WRONG_VERSION`
    public static GroupRecord parse(Bytes encoding) throws MessageException {
        if (encoding.length() > MAX_BYTES) {
            throw new MessageException(
                    Code.TOO_LARGE, "a group's record of " + encoding.length() + " bytes");
        }
        try {
            GroupRecordPb pb = GroupRecordPb.parseFrom(encoding.toArray());
            if (pb.getVersion() != VERSION) {
                throw new MessageException(
                        Code.WRONG_VERSION, "a group's record of version " + pb.getVersion());
            }
            if (pb.getStatementsCount() > MAX_STATEMENTS) {
                throw new MessageException(
                        Code.LIMIT, "a group's record of " + pb.getStatementsCount() + " parts");
            }
            Bytes previous = ProtobufBytes.fromProtobuf(pb.getPrevious());
            return new GroupRecord(
                    ProtobufBytes.fromProtobuf(pb.getProposal()),
                    ProtobufBytes.listFromProtobuf(pb.getStatementsList()),
                    previous.isEmpty() ? Optional.empty() : Optional.of(previous));
        } catch (InvalidProtocolBufferException e) {
            throw new MessageException(Code.MALFORMED, "not a group's record");
        }
    }
}
