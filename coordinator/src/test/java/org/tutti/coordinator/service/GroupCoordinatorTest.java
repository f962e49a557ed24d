package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.coordinator.group.GroupFailure;
import org.tutti.coordinator.group.GroupPhase;
import org.tutti.coordinator.group.GroupPolicy;
import org.tutti.coordinator.group.GroupView;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalDraft;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

class GroupCoordinatorTest {
    @TempDir Path folder;

    private static ProposalDraft draft(Strangers strangers, GroupForm form) {
        return new ProposalDraft(
                "savings",
                strangers.signers.stream().map(Strangers.Stranger::member).toList(),
                form,
                7,
                Duration.ofHours(1));
    }

    private Strangers strangers(int count) throws Exception {
        Strangers strangers = new Strangers(folder);
        for (int i = 0; i < count; i++) {
            var _ = strangers.signer(Strangers.WILLING);
        }
        for (Strangers.Stranger signer : strangers.signers) {
            signer.start(List.of());
        }
        strangers.connectToFirst();
        return strangers;
    }

    private static GroupView view(Strangers.Stranger signer, Proposal proposal)
            throws InterruptedException {
        return signer.groups().group(proposal.id()).orElseThrow();
    }

    @Test
    void fiveStrangersBecomeAGroupWithOneAddress() throws Exception {
        try (Strangers strangers = strangers(5)) {
            Strangers.Stranger alice = strangers.signers.getFirst();
            Proposal proposal =
                    alice.groups().propose(draft(strangers, GroupForm.EXTENDED), "up to 1 BTC");
            for (Strangers.Stranger other : strangers.signers.subList(1, 5)) {
                assertThat(other.awaitGroup(GroupEvent.GroupProposed.class).proposal())
                        .isEqualTo(proposal.id());
                assertThat(view(other, proposal).descriptor()).isEmpty();
                other.groups().consent(proposal.id(), "");
            }
            List<GroupDescriptor> descriptors = new ArrayList<>();
            for (Strangers.Stranger signer : strangers.signers) {
                descriptors.add(signer.awaitGroup(GroupEvent.GroupFormed.class).descriptor());
                GroupView view = view(signer, proposal);
                assertThat(view.phase()).isEqualTo(GroupPhase.FORMED);
                assertThat(view.descriptor()).contains(descriptors.getLast());
                assertThat(view.members()).allMatch(member -> member.sealed() && member.holds());
            }
            assertThat(Set.copyOf(descriptors)).hasSize(1);
            GroupDescriptor group = descriptors.getFirst();
            assertThat(group.policy()).isEqualTo("tr(musig(@0,@1,@2,@3,@4)/<0;1>/*)");
            assertThat(group.birthday()).isEqualTo(7);
            Set<Bytes> scripts = new HashSet<>();
            for (GroupDescriptor descriptor : descriptors) {
                scripts.add(descriptor.outputScript(false, 0));
            }
            assertThat(scripts).hasSize(1);
            assertThat(group.outputScript(false, 1)).isNotEqualTo(group.outputScript(false, 0));
            assertThat(group.outputScript(true, 0)).isNotEqualTo(group.outputScript(false, 0));
            // Whoever has collected the keys by which they are found finds nothing on the chain.
            assertThat(group.signingKeys()).doesNotContainAnyElementsOf(strangers.keys());
        }
    }

    @Test
    void bareKeysMakeAGroupOfOneAddress() throws Exception {
        try (Strangers strangers = strangers(2)) {
            strangers.signers.get(1).groupPolicy = GroupPolicy.ASK;
            Strangers.Stranger alice = strangers.signers.getFirst();
            Proposal proposal = alice.groups().propose(draft(strangers, GroupForm.FIXED), "");
            Strangers.Stranger bob = strangers.signers.get(1);
            var _ = bob.awaitGroup(GroupEvent.GroupProposed.class);
            bob.groups().consent(proposal.id(), "");
            GroupDescriptor group = alice.awaitGroup(GroupEvent.GroupFormed.class).descriptor();
            assertThat(group.policy()).isEqualTo("tr(musig(@0,@1))");
            assertThat(group.outputScript(true, 5)).isEqualTo(group.outputScript(false, 0));
        }
    }

    @Test
    void aRefusalEndsTheProposalForAll() throws Exception {
        try (Strangers strangers = strangers(3)) {
            Strangers.Stranger alice = strangers.signers.getFirst();
            Proposal proposal = alice.groups().propose(draft(strangers, GroupForm.EXTENDED), "");
            Strangers.Stranger bob = strangers.signers.get(1);
            var _ = bob.awaitGroup(GroupEvent.GroupProposed.class);
            bob.groups().refuse(proposal.id(), "NO", "not with you");
            for (Strangers.Stranger signer : strangers.signers) {
                GroupFailure failure = signer.awaitGroup(GroupEvent.GroupFailed.class).failure();
                assertThat(failure.code()).isEqualTo(GroupFailure.Code.REFUSED);
                assertThat(failure.culprits()).containsExactly(bob.publicKey());
            }
            assertThatThrownBy(() -> bob.groups().consent(proposal.id(), ""))
                    .isInstanceOf(CoordinatorException.class);
        }
    }
}
