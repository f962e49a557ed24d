package org.tutti.coordinator.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Succession;
import org.tutti.coordinator.pb.ConsentPb;
import org.tutti.coordinator.pb.MemberPb;
import org.tutti.coordinator.pb.ProposalPb;
import org.tutti.coordinator.pb.SealPb;
import org.tutti.coordinator.pb.SuccessionPb;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The contents of what is said about groups, which must be right whoever says it.
final class GroupFields {
    /// How long a seal, a succession and a held count at most: longer than anybody waits for a
    /// member.
    static final Duration SEAL_LIFETIME = Duration.ofDays(3_653);

    private GroupFields() {}

    static ProposalPb.Form encode(GroupForm form) {
        return switch (form) {
            case EXTENDED -> ProposalPb.Form.FORM_EXTENDED;
            case FIXED -> ProposalPb.Form.FORM_FIXED;
        };
    }

    static Proposal proposal(Statement.Header header, ProposalPb pb, Bytes body, Bytes envelope)
            throws MessageException, KeyException {
        if (pb.getSalt().size() != 32) {
            throw StatementReader.malformed("a salt of " + pb.getSalt().size() + " bytes");
        }
        if (pb.getMembersCount() < Proposal.MIN_MEMBERS
                || pb.getMembersCount() > Proposal.MAX_MEMBERS) {
            throw StatementReader.limit(pb.getMembersCount() + " members");
        }
        if (pb.getName().isEmpty()) {
            throw StatementReader.malformed("a group without a name");
        }
        if (pb.getEpoch() < 1 || pb.getBirthday() < 0) {
            throw StatementReader.malformed("a number out of range");
        }
        Bytes previous = ProtobufBytes.fromProtobuf(pb.getPrevious());
        if (previous.isEmpty() != (pb.getEpoch() == 1)) {
            throw StatementReader.malformed("a first group that follows another, or a next none");
        }
        if (pb.getLeavingCount() > 0 && previous.isEmpty()) {
            throw StatementReader.malformed("who leaves a group that follows none");
        }
        if (pb.getMembersCount() + pb.getLeavingCount() > Proposal.MAX_PARTICIPANTS) {
            throw StatementReader.limit(
                    pb.getMembersCount() + " members, and who leaves: " + pb.getLeavingCount());
        }
        Set<XOnlyPublicKey> keys = new HashSet<>();
        Set<PeerId> peers = new HashSet<>();
        List<Proposal.Member> members = members(pb.getMembersList(), keys, peers);
        List<Proposal.Member> leaving = members(pb.getLeavingList(), keys, peers);
        Proposal.Member proposer = new Proposal.Member(header.key(), header.author());
        if (!members.contains(proposer) && !leaving.contains(proposer)) {
            throw new MessageException(
                    Code.BAD_KEYS,
                    "the proposer takes no part, or speaks through another peer than its entry");
        }
        return new Proposal(
                ProposalId.of(body),
                header,
                StatementReader.text(pb.getName(), Proposal.MAX_NAME, "name"),
                members,
                pb.getEpoch(),
                pb.getBirthday(),
                switch (pb.getForm()) {
                    case FORM_EXTENDED -> GroupForm.EXTENDED;
                    case FORM_FIXED -> GroupForm.FIXED;
                    case FORM_UNSPECIFIED, UNRECOGNIZED ->
                            throw StatementReader.malformed("a group of an unknown form");
                },
                previous.isEmpty()
                        ? Optional.empty()
                        : Optional.of(previous.requireLength(32, "descriptor id")),
                leaving,
                envelope);
    }

    /// @param keys of all lists of one proposal
    /// @param peers the same
    private static List<Proposal.Member> members(
            List<MemberPb> list, Set<XOnlyPublicKey> keys, Set<PeerId> peers)
            throws MessageException, KeyException {
        List<Proposal.Member> members = new ArrayList<>();
        for (MemberPb pb : list) {
            Proposal.Member member =
                    new Proposal.Member(
                            PublicKey.parse(ProtobufBytes.fromProtobuf(pb.getKey())),
                            new PeerId(ProtobufBytes.fromProtobuf(pb.getPeer())));
            if (!members.isEmpty() && members.getLast().key().compareTo(member.key()) > 0) {
                throw new MessageException(Code.BAD_KEYS, "the members are not sorted");
            }
            // Keys that differ in parity alone are one key: whoever has its secret is both.
            if (!keys.add(member.key().xOnly())) {
                throw new MessageException(Code.DUPLICATE_KEY, member.key() + " is there twice");
            }
            if (!peers.add(member.peer())) {
                throw new MessageException(Code.DUPLICATE_KEY, member.peer() + " is there twice");
            }
            members.add(member);
        }
        return members;
    }

    static Consent consent(Statement.Header header, ConsentPb pb, Bytes envelope)
            throws MessageException, KeyException {
        Consent consent =
                new Consent(
                        header,
                        GroupKey.parse(
                                ProtobufBytes.fromProtobuf(pb.getGroupKey()),
                                ProtobufBytes.fromProtobuf(pb.getOriginFingerprint()),
                                pb.getOriginPathList()),
                        ProtobufBytes.fromProtobuf(pb.getPolicyHash()),
                        StatementReader.text(pb.getPolicy(), Consent.MAX_POLICY, "policy"),
                        new SchnorrSignature(ProtobufBytes.fromProtobuf(pb.getProof())),
                        envelope);
        if (!consent.policyHash().equals(Consent.policyHash(consent.policy()))) {
            throw StatementReader.malformed("a policy with another's hash");
        }
        return consent;
    }

    static Succession succession(Statement.Header header, SuccessionPb pb, Bytes envelope) {
        return new Succession(
                header,
                ProtobufBytes.fromProtobuf(pb.getPrevious()),
                ProtobufBytes.fromProtobuf(pb.getDescriptorId()),
                new SchnorrSignature(ProtobufBytes.fromProtobuf(pb.getSignature())),
                envelope);
    }

    static Seal seal(Statement.Header header, SealPb pb, Bytes envelope) {
        return new Seal(
                header,
                ProtobufBytes.fromProtobuf(pb.getDescriptorId()),
                new SchnorrSignature(ProtobufBytes.fromProtobuf(pb.getSignature())),
                envelope);
    }
}
