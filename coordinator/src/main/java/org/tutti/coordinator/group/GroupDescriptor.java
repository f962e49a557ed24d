package org.tutti.coordinator.group;

import com.google.protobuf.InvalidProtocolBufferException;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
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
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.musig.taproot.TapTweak;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    /// The longest encoding: a hundred members with the longest origins.
    public static final int MAX_BYTES = 49_152;

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
        return of(
                proposal.header().network(),
                proposal.name(),
                proposal.form(),
                members,
                proposal.epoch(),
                proposal.birthday(),
                proposal.id(),
                proposal.previous());
    }

    private static GroupDescriptor of(
            Bytes network,
            String name,
            GroupForm form,
            List<Member> members,
            int epoch,
            int birthday,
            ProposalId proposal,
            Optional<Bytes> previous) {
        GroupDescriptorPb.Builder pb =
                GroupDescriptorPb.newBuilder()
                        .setVersion(VERSION)
                        .setNetwork(ProtobufBytes.toProtobuf(network))
                        .setPolicy(policy(form, members.size()))
                        .setName(name)
                        .setEpoch(epoch)
                        .setBirthday(birthday)
                        .setProposalId(ProtobufBytes.toProtobuf(proposal.bytes()));
        previous.ifPresent(id -> pb.setPrevious(ProtobufBytes.toProtobuf(id)));
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
                network,
                name,
                form,
                members,
                epoch,
                birthday,
                proposal,
                previous);
    }

    /// Reads an encoding. Whether its members have signed it is not in it: its id is what they
    /// sign.
    ///
    /// @throws MessageException if it is none, or not in its one encoding
    public static GroupDescriptor parse(Bytes encoding) throws MessageException {
        if (encoding.length() > MAX_BYTES) {
            throw new MessageException(
                    Code.TOO_LARGE, "a descriptor of " + encoding.length() + " bytes");
        }
        try {
            GroupDescriptorPb pb = GroupDescriptorPb.parseFrom(encoding.toArray());
            int count = pb.getMembersCount();
            if (count < Proposal.MIN_MEMBERS
                    || count > Proposal.MAX_MEMBERS
                    || pb.getKeyInfosCount() != count) {
                throw new MessageException(Code.LIMIT, "a descriptor of " + count + " members");
            }
            Bytes previous = ProtobufBytes.fromProtobuf(pb.getPrevious());
            if (pb.getEpoch() < 1
                    || pb.getBirthday() < 0
                    || previous.isEmpty() != (pb.getEpoch() == 1)
                    || (!previous.isEmpty() && previous.length() != ProposalId.BYTES)) {
                throw malformed();
            }
            GroupForm form =
                    Arrays.stream(GroupForm.values())
                            .filter(f -> policy(f, count).equals(pb.getPolicy()))
                            .findFirst()
                            .orElseThrow(GroupDescriptor::malformed);
            GroupDescriptor read =
                    of(
                            ProtobufBytes.fromProtobuf(pb.getNetwork())
                                    .requireLength(32, "network"),
                            pb.getName(),
                            form,
                            members(pb, form),
                            pb.getEpoch(),
                            pb.getBirthday(),
                            new ProposalId(ProtobufBytes.fromProtobuf(pb.getProposalId())),
                            previous.isEmpty() ? Optional.empty() : Optional.of(previous));
            // One encoding, so that one group has one id.
            if (!read.encoding.equals(encoding)) {
                throw malformed();
            }
            return read;
        } catch (InvalidProtocolBufferException | IllegalArgumentException | KeyException e) {
            throw malformed();
        }
    }

    private static List<Member> members(GroupDescriptorPb pb, GroupForm form)
            throws MessageException, KeyException {
        List<Member> members = new ArrayList<>();
        Set<XOnlyPublicKey> seen = new HashSet<>();
        for (int i = 0; i < pb.getMembersCount(); i++) {
            GroupMemberPb member = pb.getMembers(i);
            Member read =
                    new Member(
                            PublicKey.parse(ProtobufBytes.fromProtobuf(member.getKey())),
                            new PeerId(ProtobufBytes.fromProtobuf(member.getPeer())),
                            GroupKey.parseText(pb.getKeyInfos(i)),
                            ProtobufBytes.fromProtobuf(member.getPolicyHash())
                                    .requireLength(32, "hash of a policy"));
            if (read.groupKey().form() != form
                    || !seen.add(read.key().xOnly())
                    || !seen.add(read.groupKey().key().xOnly())) {
                throw malformed();
            }
            members.add(read);
        }
        return members;
    }

    private static MessageException malformed() {
        return new MessageException(Code.MALFORMED, "not the descriptor of a group");
    }

    /// The member with this key.
    public Optional<Member> member(PublicKey key) {
        return members.stream().filter(m -> m.key().equals(key)).findFirst();
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
