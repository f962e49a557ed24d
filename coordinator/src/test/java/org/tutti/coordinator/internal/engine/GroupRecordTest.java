package org.tutti.coordinator.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.coordinator.group.GroupLimits;
import org.tutti.coordinator.group.GroupPhase;
import org.tutti.coordinator.group.GroupRecord;
import org.tutti.coordinator.internal.engine.GroupNetwork.Node;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.Held;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A member that has lost a group with its disk, and has its keys, takes it back from another.
class GroupRecordTest {
    private final GroupNetwork network = GroupNetwork.of(3, 4);
    private final Node alice = network.nodes.get(0);
    private final Node bob = network.nodes.get(1);
    private final Node carol = network.nodes.get(2);
    private final Node dave = network.nodes.get(3);

    private Proposal formed(Node... members) throws CoordinatorException {
        network.connectAll();
        Proposal proposal = members[0].propose(GroupForm.EXTENDED, List.of(members));
        network.run();
        return proposal;
    }

    private static GroupDescriptor descriptor(Node node, Proposal proposal) {
        return node.view(proposal).descriptor().orElseThrow();
    }

    private static GroupRecord record(Node node, Proposal proposal) {
        return node.engine.record(proposal.id()).orElseThrow();
    }

    private static void refused(Node node, GroupRecord record, String reason) {
        assertThatThrownBy(() -> node.adopt(record))
                .isInstanceOfSatisfying(
                        CoordinatorException.class,
                        e -> assertThat(e.code()).isEqualTo(CoordinatorException.Code.INVALID))
                .hasMessageContaining(reason);
        assertThat(node.engine.groups()).isEmpty();
        assertThat(node.log).isEmpty();
        assertThat(node.events).isEmpty();
    }

    private static Statement read(Bytes envelope) {
        try {
            return GroupNetwork.reader().readAgain(envelope);
        } catch (MessageException e) {
            throw new IllegalStateException(e);
        }
    }

    private static GroupRecord without(GroupRecord record, Class<?> kind, Node author) {
        return new GroupRecord(
                record.proposal(),
                record.statements().stream()
                        .filter(one ->
                                !(kind.isInstance(read(one))
                                        && read(one).header().key().equals(author.key())))
                        .toList(),
                record.previous());
    }

    @Test
    void whoHasLostItsDiskHasTheGroupAgainLongAfterTheProposalHasExpired() throws Exception {
        Proposal proposal = formed(alice, bob, carol);
        GroupDescriptor group = descriptor(alice, proposal);
        network.pass(Duration.ofDays(400));
        carol.loseDisk();
        assertThat(carol.engine.groups()).isEmpty();
        network.connectAll();
        network.run();
        network.pass(Duration.ofMinutes(2));
        // Others tell it nothing by themselves that it would take: its own words count from its
        // log.
        assertThat(carol.engine.groups()).noneMatch(view -> view.phase() == GroupPhase.FORMED);
        GroupRecord record = GroupRecord.parse(record(alice, proposal).encode());
        assertThat(record(bob, proposal)).as("the same on each").isEqualTo(record);
        assertThat(record).isEqualTo(record(alice, proposal));
        carol.adopt(record);
        assertThat(descriptor(carol, proposal)).isEqualTo(group);
        assertThat(carol.seen(GroupEvent.GroupFormed.class))
                .containsExactly(new GroupEvent.GroupFormed(network.now, proposal.id(), group));
        carol.adopt(record);
        assertThat(carol.seen(GroupEvent.GroupFormed.class)).as("told once").hasSize(1);
        // It is on disk, and can be given on.
        carol.restart();
        assertThat(descriptor(carol, proposal)).isEqualTo(group);
        assertThat(record(carol, proposal).statements()).isEqualTo(record.statements());
        network.connectAll();
        network.run();
        network.pass(Duration.ofMinutes(2));
        assertThat(network.nodes.subList(0, 3))
                .allMatch(node -> node.phase(proposal) == GroupPhase.FORMED);
    }

    @Test
    void aGroupThatFollowsOneThatWasLostTooIsThereAgainAfterARestart() throws Exception {
        Proposal first = formed(alice, bob, carol);
        Proposal next = alice.proposeAfter(descriptor(alice, first), List.of(alice, carol, dave));
        network.run();
        GroupDescriptor group = descriptor(carol, next);
        GroupRecord old = record(alice, first);
        GroupRecord record = record(dave, next);
        assertThat(record.previous()).isPresent();
        for (boolean oldFirst : new boolean[] {false, true}) {
            carol.loseDisk();
            if (oldFirst) {
                carol.adopt(old);
            }
            carol.adopt(record);
            assertThat(descriptor(carol, next)).isEqualTo(group);
            carol.restart();
            assertThat(descriptor(carol, next)).isEqualTo(group);
            if (!oldFirst) {
                carol.adopt(old);
            }
            for (int restarts = 0; restarts < 3; restarts++) {
                assertThat(carol.view(first).successor()).contains(group.id());
                carol.restart(); // Its log is compacted with each.
            }
        }
        // Who left is in the old one alone.
        bob.loseDisk();
        refused(bob, record, "no member");
        bob.adopt(old);
        assertThat(bob.phase(first)).isEqualTo(GroupPhase.FORMED);
    }

    @Test
    void whatIsNotWholeBringsNothingBack() throws Exception {
        Proposal proposal = formed(alice, bob, carol);
        GroupRecord record = record(alice, proposal);
        for (Statement one : record.statements().stream().map(GroupRecordTest::read).toList()) {
            for (Node author : List.of(bob, carol)) {
                carol.loseDisk();
                refused(carol, without(record, one.getClass(), author), "not everything");
            }
        }
        carol.loseDisk();
        refused(carol, new GroupRecord(record.proposal(), List.of(), Optional.empty()), "not ");
        refused(dave, record, "no member");
    }

    @Test
    void nobodySaysForThisNodeThatItHoldsEverything() throws Exception {
        network.connectAll();
        carol.signing = false;
        Proposal proposal = alice.propose(GroupForm.EXTENDED, List.of(alice, bob, carol));
        network.run();
        assertThat(alice.phase(proposal)).isEqualTo(GroupPhase.SEALING);
        assertThat(alice.engine.record(proposal.id())).as("it is not formed").isEmpty();
        // All that the others can have of it, with a seal that carol made and never showed.
        GroupDescriptor group =
                GroupDescriptor.of(
                        proposal,
                        Map.of(
                                alice.key(), consent(alice, proposal),
                                bob.key(), consent(bob, proposal),
                                carol.key(), consent(carol, proposal)));
        List<Bytes> said = new ArrayList<>(alice.view(proposal).members().size());
        for (Node node : List.of(alice, bob, carol)) {
            said.add(consent(node, proposal).envelope());
            said.add(node.seal(proposal, group.id()).envelope());
        }
        for (Node node : List.of(alice, bob)) {
            Held held =
                    node.self.signer.held(proposal.id(), group.id(), network.now.toEpochMilli());
            said.add(held.envelope());
        }
        carol.loseDisk();
        refused(carol, new GroupRecord(proposal.envelope(), said, Optional.empty()), "not every");
    }

    private static Consent consent(Node node, Proposal proposal) {
        return node.crafted(
                proposal, node.groupKey(proposal), node.secret(proposal).secretKey(), "");
    }

    @Test
    void aSealOfAnotherDescriptorOrOfAnotherKeyEndsNothingHere() throws Exception {
        Proposal proposal = formed(alice, bob, carol);
        Proposal other = alice.propose(GroupForm.EXTENDED, List.of(alice, carol, dave));
        network.run();
        GroupRecord record = record(alice, proposal);
        carol.loseDisk();
        GroupRecord kept = record(alice, other);
        carol.adopt(kept);
        List<Bytes> log = List.copyOf(carol.engine.record(other.id()).orElseThrow().statements());
        List<Bytes> forged = new ArrayList<>(without(record, seal(), bob).statements());
        forged.add(0, bob.seal(proposal, Bytes.fromHex("33".repeat(32))).envelope());
        assertThatThrownBy(() ->
                        carol.adopt(new GroupRecord(record.proposal(), forged, Optional.empty())))
                .isInstanceOf(CoordinatorException.class);
        assertThat(carol.engine.groups()).hasSize(1);
        assertThat(carol.engine.record(other.id()).orElseThrow().statements()).isEqualTo(log);
        assertThat(carol.seen(GroupEvent.GroupFailed.class)).isEmpty();
        assertThatThrownBy(() ->
                        carol.adopt(
                                new GroupRecord(
                                        record.proposal(),
                                        record.statements(),
                                        Optional.of(descriptor(alice, other).encoding()))))
                .hasMessageContaining("follows");
    }

    private static Class<?> seal() {
        return Seal.class;
    }

    @Test
    void whoTakesPartInTheProposalGoesOnWithIt() throws Exception {
        Proposal proposal = formed(alice, bob, carol);
        GroupRecord record = record(alice, proposal);
        carol.loseDisk();
        carol.willing = false;
        network.connectAll();
        network.run();
        // Told of again before it had expired, and not decided: the record is taken in its place.
        assertThat(carol.phase(proposal)).isEqualTo(GroupPhase.PROPOSED);
        carol.adopt(record);
        assertThat(carol.phase(proposal)).isEqualTo(GroupPhase.FORMED);
        carol.loseDisk();
        network.connectAll();
        network.run();
        carol.consent(proposal);
        assertThatThrownBy(() -> carol.adopt(record))
                .isInstanceOfSatisfying(
                        CoordinatorException.class,
                        e -> assertThat(e.code()).isEqualTo(CoordinatorException.Code.NOT_WAITING));
    }

    @Test
    void aRecordHasBounds() {
        assertThatThrownBy(() -> GroupRecord.parse(Bytes.wrap(new byte[GroupRecord.MAX_BYTES + 1])))
                .isInstanceOf(MessageException.class)
                .hasMessageContaining("bytes");
        GroupRecord many =
                new GroupRecord(
                        Bytes.EMPTY, Collections.nCopies(401, Bytes.EMPTY), Optional.empty());
        assertThatThrownBy(() -> GroupRecord.parse(many.encode()))
                .isInstanceOf(MessageException.class)
                .hasMessageContaining("401 parts");
        assertThatThrownBy(() -> GroupRecord.parse(Bytes.fromHex("0802")))
                .isInstanceOf(MessageException.class)
                .hasMessageContaining("version 2");
        assertThatThrownBy(() -> GroupRecord.parse(Bytes.fromHex("ff")))
                .isInstanceOf(MessageException.class);
    }

    @Test
    void theRecordOfTheLargestGroupIsTaken() throws Exception {
        Proposal proposal = formed(alice, bob);
        long now = network.now.toEpochMilli();
        Bytes id = descriptor(alice, proposal).id();
        // Three bytes for each character: no other takes more of this bound.
        String rules = "\u4e2d".repeat(Consent.MAX_POLICY);
        Bytes consent =
                alice.crafted(
                                proposal,
                                alice.groupKey(proposal),
                                alice.secret(proposal).secretKey(),
                                rules)
                        .envelope();
        Bytes seal = alice.seal(proposal, id).envelope();
        Bytes succession = alice.succession(proposal, descriptor(alice, proposal), id).envelope();
        Bytes held = alice.self.signer.held(proposal.id(), id, now).envelope();
        List<Bytes> all = new ArrayList<>();
        for (Bytes one : List.of(consent, seal, succession, held)) {
            all.addAll(Collections.nCopies(Proposal.MAX_MEMBERS, one));
        }
        GroupRecord record =
                new GroupRecord(
                        Bytes.wrap(new byte[MessageLimits.DEFAULT.statementBytes()]),
                        all,
                        Optional.of(Bytes.wrap(new byte[GroupDescriptor.MAX_BYTES])));
        assertThat(GroupRecord.parse(record.encode())).isEqualTo(record);
    }

    @Test
    void thereIsRoomForSoManyGroups() throws Exception {
        GroupLimits d = GroupLimits.DEFAULT;
        Node erin =
                network.add(
                        new GroupLimits(
                                d.undecided(),
                                d.undecidedPerPeer(),
                                d.undecidedBytes(),
                                1,
                                d.over(),
                                d.differs(),
                                d.signedStays(),
                                d.retryFirst(),
                                d.retryMost()));
        Proposal one = formed(alice, erin);
        GroupRecord record = record(alice, one);
        erin.loseDisk();
        Proposal two = erin.propose(GroupForm.EXTENDED, List.of(erin, bob));
        assertThat(erin.phase(two)).isNotNull();
        assertThatThrownBy(() -> erin.adopt(record))
                .isInstanceOfSatisfying(
                        CoordinatorException.class,
                        e -> assertThat(e.code()).isEqualTo(CoordinatorException.Code.BUSY));
    }
}
