package org.tutti.coordinator.group;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.pb.GroupDescriptorPb;
import org.tutti.coordinator.pb.GroupMemberPb;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.musig.keys.Bip328;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.musig.taproot.TapTweak;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A group: who its members are, and what its money is locked by. It follows from the proposal and
/// all consents alone, so every member makes the same, and it never changes.
///
/// @param id tagged hash `tutti/group-descriptor` of the encoding, 32 bytes
/// @param encoding its one encoding (docs/protocol.md)
/// @param members in the order of the proposal
public record GroupDescriptor(
        Bytes id,
        Bytes encoding,
        Bytes network,
        String name,
        GroupForm form,
        List<Member> members,
        int epoch,
        int birthday,
        ProposalId proposal,
        Optional<Bytes> previous) {
    private static final int VERSION = 1;

    public GroupDescriptor {
        members = List.copyOf(members);
    }

    /// A member.
    ///
    /// @param key identifies it; in no address
    /// @param peer through which it spoke when the group was made
    /// @param policyHash by which rules it said it would sign
    public record Member(PublicKey key, PeerId peer, GroupKey groupKey, Bytes policyHash) {}

    /// The group that a proposal and all consents make.
    ///
    /// @param consents by the members' keys
    /// @throws IllegalArgumentException if one is missing
    public static GroupDescriptor of(Proposal proposal, Map<PublicKey, Consent> consents) {
        List<Member> members =
                proposal.members().stream()
                        .map(member -> member(member, consents.get(member.key())))
                        .toList();
        GroupDescriptorPb.Builder pb =
                GroupDescriptorPb.newBuilder()
                        .setVersion(VERSION)
                        .setNetwork(ProtobufBytes.toProtobuf(proposal.header().network()))
                        .setPolicy(policy(proposal.form(), members.size()))
                        .setName(proposal.name())
                        .setEpoch(proposal.epoch())
                        .setBirthday(proposal.birthday())
                        .setProposalId(ProtobufBytes.toProtobuf(proposal.id().bytes()));
        proposal.previous().ifPresent(id -> pb.setPrevious(ProtobufBytes.toProtobuf(id)));
        for (Member member : members) {
            pb.addKeyInfos(member.groupKey().text())
                    .addMembers(
                            GroupMemberPb.newBuilder()
                                    .setKey(ProtobufBytes.toProtobuf(member.key().bytes()))
                                    .setPeer(ProtobufBytes.toProtobuf(member.peer().multihash()))
                                    .setPolicyHash(ProtobufBytes.toProtobuf(member.policyHash())));
        }
        Bytes encoding = Bytes.wrap(pb.build().toByteArray());
        return new GroupDescriptor(
                TaggedHash.of("tutti/group-descriptor", encoding),
                encoding,
                proposal.header().network(),
                proposal.name(),
                proposal.form(),
                members,
                proposal.epoch(),
                proposal.birthday(),
                proposal.id(),
                proposal.previous());
    }

    private static Member member(Proposal.Member member, @Nullable Consent consent) {
        if (consent == null) {
            throw new IllegalArgumentException(member.key() + " has not consented");
        }
        return new Member(member.key(), member.peer(), consent.groupKey(), consent.policyHash());
    }

    private static String policy(GroupForm form, int members) {
        String keys =
                IntStream.range(0, members).mapToObj(i -> "@" + i).collect(Collectors.joining(","));
        return "tr(musig(" + keys + ")" + suffix(form) + ")";
    }

    private static String suffix(GroupForm form) {
        return switch (form) {
            // BIP389: 0 for what others pay to, 1 for change.
            case EXTENDED -> "/<0;1>/*";
            case FIXED -> "";
        };
    }

    /// The policy (BIP388), as `tr(musig(@0,@1)/<0;1>/*)`.
    public String policy() {
        return policy(form, members.size());
    }

    /// The output script descriptor (BIP380, BIP390), without its checksum.
    public String expression() {
        String keys =
                members.stream()
                        .map(member -> member.groupKey().text())
                        .collect(Collectors.joining(","));
        return "tr(musig(" + keys + ")" + suffix(form) + ")";
    }

    /// The keys that sign, in the order in which they are aggregated (BIP390: sorted).
    public List<PublicKey> signingKeys() {
        return KeySort.sort(members.stream().map(member -> member.groupKey().key()).toList());
    }

    /// The path (BIP328) of one of the group's addresses; none for a group that has one alone.
    ///
    /// @param change whether the group pays itself there
    /// @param index from 0
    public List<Integer> path(boolean change, int index) {
        if (index < 0) {
            throw new IllegalArgumentException("a negative index");
        }
        return switch (form) {
            case EXTENDED -> List.of(change ? 1 : 0, index);
            case FIXED -> List.of();
        };
    }

    /// The scriptPubKey of one of its addresses: 34 bytes.
    public Bytes outputScript(boolean change, int index) {
        KeyAggContext aggregate = KeyAggContext.of(signingKeys());
        try {
            DerivationPath steps =
                    DerivationPath.of(
                            path(change, index).stream().mapToLong(Integer::longValue).toArray());
            KeyAggContext derived =
                    aggregate.withPlainTweaks(
                            Bip328.derive(aggregate.aggregateKey(), steps).tweaks());
            return TapTweak.output(derived.xOnlyKey(), Optional.empty()).scriptPubKey();
        } catch (KeyException e) {
            // Less likely than 2^-127.
            throw new IllegalStateException("no key for number " + index, e);
        }
    }

    @Override
    public String toString() {
        return "group " + id.toHex().substring(0, 8) + " of " + members.size() + " members";
    }
}
