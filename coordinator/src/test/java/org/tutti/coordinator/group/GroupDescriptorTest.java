package org.tutti.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalDraft;
import org.tutti.coordinator.pb.GroupDescriptorPb;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What is read as a descriptor: only what its members' programs would have made.
class GroupDescriptorTest {
    private static final Bytes SOME_HASH = Bytes.fromHex("33".repeat(32));
    private static final SchnorrSignature SIGNATURE =
            new SchnorrSignature(Bytes.fromHex("44".repeat(64)));

    private static GroupDescriptor descriptor(GroupForm form, int members, int epoch) {
        Crafted proposer = new Crafted();
        List<Crafted> all = new ArrayList<>(List.of(proposer));
        while (all.size() < members) {
            all.add(new Crafted());
        }
        Proposal proposal =
                proposer.signer.proposal(
                        new ProposalDraft(
                                "\u4e2d".repeat(64),
                                all.stream().map(Crafted::member).toList(),
                                form,
                                7,
                                Duration.ofDays(1),
                                epoch == 1
                                        ? Optional.empty()
                                        : Optional.of(
                                                new ProposalDraft.After(
                                                        SOME_HASH, epoch, List.of()))),
                        Crafted.NOW.toEpochMilli());
        Map<PublicKey, Consent> consents = new HashMap<>();
        for (Crafted one : all) {
            consents.put(
                    one.publicKey(),
                    one.signer.consent(
                            proposal,
                            groupKey(form, new Crafted().publicKey()),
                            "rules",
                            SIGNATURE,
                            Crafted.NOW.toEpochMilli()));
        }
        return GroupDescriptor.of(proposal, consents);
    }

    /// With the longest origin that there is.
    private static GroupKey groupKey(GroupForm form, PublicKey random) {
        if (form == GroupForm.FIXED) {
            return new GroupKey.Bare(random);
        }
        try (ExtendedPrivateKey master =
                ExtendedPrivateKey.fromSeed(
                        random.bytes().slice(1, 33).toArray(), ExtendedKeyVersions.TESTNET)) {
            List<Long> path = Collections.nCopies(16, 2 * DerivationPath.HARDENED - 1);
            try (ExtendedPrivateKey key = master.derive(new DerivationPath(path))) {
                return new GroupKey.Extended(
                        key.neuter(), new GroupKey.Origin(master.neuter().fingerprint(), path));
            }
        } catch (KeyException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void refused(Bytes encoding, Code code) {
        assertThatThrownBy(() -> GroupDescriptor.parse(encoding))
                .isInstanceOfSatisfying(
                        MessageException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static void refused(
            GroupDescriptor descriptor, UnaryOperator<GroupDescriptorPb.Builder> change)
            throws Exception {
        GroupDescriptorPb.Builder pb =
                GroupDescriptorPb.parseFrom(descriptor.encoding().toArray()).toBuilder();
        refused(Bytes.wrap(change.apply(pb).build().toByteArray()), Code.MALFORMED);
    }

    @Test
    void whatAllMadeIsReadAsItIs() throws Exception {
        for (GroupForm form : GroupForm.values()) {
            for (int epoch : List.of(1, 2)) {
                GroupDescriptor made = descriptor(form, 3, epoch);
                assertThat(GroupDescriptor.parse(made.encoding())).isEqualTo(made);
                GroupDescriptor.Member member = made.members().getFirst();
                assertThat(made.member(member.key())).contains(member);
            }
        }
    }

    @Test
    void theLargestFitsAndNothingLongerIsLookedAt() throws Exception {
        GroupDescriptor largest = descriptor(GroupForm.EXTENDED, Proposal.MAX_MEMBERS, 2);
        assertThat(largest.encoding().length()).isLessThanOrEqualTo(GroupDescriptor.MAX_BYTES);
        assertThat(GroupDescriptor.parse(largest.encoding())).isEqualTo(largest);
        refused(Bytes.wrap(new byte[GroupDescriptor.MAX_BYTES + 1]), Code.TOO_LARGE);
    }

    @Test
    void whatNobodyWouldMakeIsRefused() throws Exception {
        GroupDescriptor one = descriptor(GroupForm.EXTENDED, 2, 2);
        refused(one, pb -> pb.setVersion(2));
        refused(one, pb -> pb.setNetwork(ByteString.copyFrom(new byte[31])));
        refused(one, pb -> pb.setPolicy("tr(musig(@0,@1))"));
        refused(one, pb -> pb.setPolicy("tr(@0)"));
        refused(one, pb -> pb.setKeyInfos(0, pb.getKeyInfos(0).replace('h', '\'')));
        refused(one, pb -> pb.setKeyInfos(0, "x".repeat(66)));
        refused(one, pb -> pb.setKeyInfos(0, pb.getKeyInfos(1)));
        refused(one, pb -> pb.setMembers(0, pb.getMembers(1)));
        refused(one, pb -> pb.setEpoch(1));
        refused(one, pb -> pb.setEpoch(0));
        refused(one, pb -> pb.setEpoch(-1));
        refused(one, pb -> pb.setBirthday(-1));
        refused(one, pb -> pb.clearPrevious());
        refused(one, pb -> pb.setPrevious(ByteString.copyFrom(new byte[31])));
        refused(one, pb -> pb.setProposalId(ByteString.EMPTY));
        refused(
                one,
                pb ->
                        pb.setUnknownFields(
                                UnknownFieldSet.newBuilder()
                                        .addField(
                                                99,
                                                UnknownFieldSet.Field.newBuilder()
                                                        .addVarint(1)
                                                        .build())
                                        .build()));
        refused(Bytes.concat(one.encoding(), Bytes.fromHex("0801")), Code.MALFORMED);
        refused(one.encoding().slice(0, one.encoding().length() - 1), Code.MALFORMED);
        refused(Bytes.EMPTY, Code.LIMIT);
    }
}
