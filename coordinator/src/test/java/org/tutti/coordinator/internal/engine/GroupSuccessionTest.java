package org.tutti.coordinator.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.coordinator.group.GroupFailure;
import org.tutti.coordinator.group.GroupPhase;
import org.tutti.coordinator.group.GroupView;
import org.tutti.coordinator.internal.engine.GroupNetwork.Node;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.Held;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalDraft;
import org.tutti.coordinator.message.ReceiptCode;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Succession;
import org.tutti.coordinator.pb.GroupDescriptorPb;
import org.tutti.coordinator.store.LogEntry;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.Schnorr;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Groups that follow another: who takes part, what they sign, and that there is never more than
/// one.
class GroupSuccessionTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Bytes SOME_HASH = Bytes.fromHex("33".repeat(32));

    /// A group of alice, bob and carol; dave and erin are in none.
    private static final class Old {
        final GroupNetwork network;
        final Node alice;
        final Node bob;
        final Node carol;
        final Node dave;
        final Node erin;
        final GroupDescriptor group;
        final Proposal proposal;

        Old(long seed) throws CoordinatorException {
            network = GroupNetwork.of(seed, 5);
            alice = network.nodes.get(0);
            bob = network.nodes.get(1);
            carol = network.nodes.get(2);
            dave = network.nodes.get(3);
            erin = network.nodes.get(4);
            network.connectAll();
            proposal = alice.propose(GroupForm.EXTENDED, List.of(alice, bob, carol));
            network.run();
            group = alice.view(proposal).descriptor().orElseThrow();
        }

        /// All of it, with nobody who hesitates.
        Proposal formed(Node proposer, Node... members) throws CoordinatorException {
            Proposal next = proposer.proposeAfter(group, List.of(members));
            network.run();
            return next;
        }

        void assertFailed(Proposal next, GroupFailure.Code code, Node culprit, Node... nodes) {
            for (Node node : nodes) {
                assertThat(node.failure(next).code()).isEqualTo(code);
                assertThat(node.failure(next).culprits()).containsExactly(culprit.key());
                assertThat(node.view(next).descriptor()).isEmpty();
            }
        }
    }

    private static void assertFormed(Proposal next, GroupDescriptor previous, Node... members) {
        Set<GroupDescriptor> groups = new HashSet<>();
        for (Node node : members) {
            GroupView view = node.view(next);
            assertThat(view.phase()).isEqualTo(GroupPhase.FORMED);
            groups.add(view.descriptor().orElseThrow());
            assertThat(node.seen(GroupEvent.GroupFormed.class).getLast().descriptor())
                    .isEqualTo(view.descriptor().orElseThrow());
        }
        assertThat(groups).hasSize(1);
        GroupDescriptor group = groups.iterator().next();
        assertThat(group.epoch()).isEqualTo(previous.epoch() + 1);
        assertThat(group.previous()).contains(previous.id());
        assertThat(group.members()).hasSize(members.length);
        assertThat(group.signingKeys()).doesNotContainAnyElementsOf(previous.signingKeys());
    }

    /// It is in the old group, and learns no address of the new one.
    private static void assertLeft(Node node, Old old, Proposal next, Bytes successor) {
        assertThat(node.phase(next)).isEqualTo(GroupPhase.LEFT);
        assertThat(node.view(next).descriptor()).isEmpty();
        assertThat(node.view(next).members()).allMatch(member -> member.groupKey().isEmpty());
        assertThat(node.seen(GroupEvent.GroupLeft.class))
                .containsExactly(
                        new GroupEvent.GroupLeft(
                                old.network.now, next.id(), old.group.id(), successor));
    }

    @Test
    void whoJoinsIsAMemberOfTheNextAndTheOldGroupNamesIt() throws Exception {
        for (long seed = 0; seed < 4; seed++) {
            Old old = new Old(seed);
            Proposal next = old.formed(old.bob, old.alice, old.bob, old.carol, old.dave);
            assertFormed(next, old.group, old.alice, old.bob, old.carol, old.dave);
            Bytes successor = old.dave.view(next).descriptor().orElseThrow().id();
            for (Node node : List.of(old.alice, old.bob, old.carol)) {
                // What lies there is theirs to spend as before.
                assertThat(node.view(old.proposal).descriptor()).contains(old.group);
                assertThat(node.view(old.proposal).successor()).contains(successor);
                assertThat(node.view(next).successor()).isEmpty();
            }
            assertThat(old.erin.engine.groups()).isEmpty();
        }
    }

    @Test
    void whoLeavesSignsThatTheOldGroupIsFollowed() throws Exception {
        for (long seed = 0; seed < 4; seed++) {
            Old old = new Old(seed);
            Proposal next = old.formed(old.alice, old.alice, old.bob);
            assertFormed(next, old.group, old.alice, old.bob);
            GroupView view = old.alice.view(next);
            assertThat(view.leaving()).hasSize(1);
            assertThat(view.leaving()).allMatch(one -> one.agreed() && one.sealed() && one.holds());
            Bytes successor = view.descriptor().orElseThrow().id();
            assertLeft(old.carol, old, next, successor);
            assertThat(old.carol.view(old.proposal).successor()).contains(successor);
            assertThat(old.carol.view(old.proposal).descriptor()).contains(old.group);
            // It is in none that another could follow.
            assertThatThrownBy(() -> old.carol.engine.after(successor, List.of()))
                    .isInstanceOf(CoordinatorException.class);
        }
    }

    @Test
    void oneIsReplacedByAnother() throws Exception {
        Old old = new Old(1);
        Proposal next = old.formed(old.alice, old.alice, old.bob, old.dave);
        assertFormed(next, old.group, old.alice, old.bob, old.dave);
        assertLeft(old.carol, old, next, old.dave.view(next).descriptor().orElseThrow().id());
    }

    @Test
    void allMayLeaveButOne() throws Exception {
        Old old = new Old(2);
        Proposal next = old.formed(old.alice, old.alice, old.dave);
        assertFormed(next, old.group, old.alice, old.dave);
        Bytes successor = old.dave.view(next).descriptor().orElseThrow().id();
        assertLeft(old.bob, old, next, successor);
        assertLeft(old.carol, old, next, successor);
        // They have no part in what the others do then.
        assertThat(old.carol.engine.wanted())
                .containsExactlyInAnyOrder(old.alice.member(), old.bob.member());
        assertThat(old.dave.engine.wanted()).containsExactly(old.alice.member());
    }

    @Test
    void whoLeavesMayProposeIt() throws Exception {
        Old old = new Old(3);
        Proposal next = old.formed(old.carol, old.alice, old.bob);
        assertFormed(next, old.group, old.alice, old.bob);
        assertLeft(old.carol, old, next, old.bob.view(next).descriptor().orElseThrow().id());
    }

    @Test
    void theNextIsFollowedByAnother() throws Exception {
        Old old = new Old(4);
        Proposal second = old.formed(old.alice, old.alice, old.bob, old.dave);
        GroupDescriptor group = old.dave.view(second).descriptor().orElseThrow();
        // Carol returns, by the word of one who joined.
        Proposal third = old.dave.proposeAfter(group, List.of(old.dave, old.bob, old.carol));
        old.network.run();
        assertFormed(third, group, old.bob, old.carol, old.dave);
        assertThat(old.alice.phase(third)).isEqualTo(GroupPhase.LEFT);
        assertThat(old.dave.view(third).descriptor().orElseThrow().epoch()).isEqualTo(3);
    }

    @Test
    void noAddressIsShownBeforeAllOfBothHoldAllSignatures() throws Exception {
        for (long seed = 0; seed < 4; seed++) {
            Old old = new Old(seed);
            Proposal next =
                    old.alice.proposeAfter(old.group, List.of(old.alice, old.bob, old.dave));
            Set<Node> there = new HashSet<>();
            List<Node> all = List.of(old.alice, old.bob, old.carol, old.dave);
            while (old.network.step()) {
                for (Node node : all) {
                    Optional<GroupView> view = node.engine.group(next.id());
                    boolean over =
                            view.filter(v ->
                                            v.phase() == GroupPhase.FORMED
                                                    || v.phase() == GroupPhase.LEFT)
                                    .isPresent();
                    assertThat(view.flatMap(GroupView::descriptor).isPresent())
                            .isEqualTo(over && node != old.carol);
                    if (over && there.add(node)) {
                        for (Node other : all) {
                            assertThat(onDisk(other, Succession.class)).isEqualTo(3);
                        }
                    }
                }
            }
            assertThat(there).hasSize(4);
        }
    }

    private static long onDisk(Node node, Class<? extends Statement> kind) throws Exception {
        return said(node, kind).size();
    }

    private static <S extends Statement> List<S> said(Node node, Class<S> kind) throws Exception {
        List<S> all = new ArrayList<>();
        for (LogEntry entry : node.log) {
            if (entry instanceof LogEntry.GroupSaid(Bytes said)) {
                Statement statement = GroupNetwork.reader().readAgain(said);
                if (kind.isInstance(statement)) {
                    all.add(kind.cast(statement));
                }
            }
        }
        return all;
    }

    // --- who may propose what

    @Test
    void aProposalOfAnOutsiderIsTakenByNoMember() throws Exception {
        Old old = new Old(1);
        ProposalDraft.After after =
                old.alice.engine.after(
                        old.group.id(), List.of(old.alice.member(), old.bob.member()));
        Proposal foreign = old.dave.made(List.of(old.alice, old.bob, old.dave), after);
        assertThat(old.alice.hear(old.dave, foreign, true)).isEqualTo(ReceiptCode.INVALID);
        assertThat(old.carol.hear(old.dave, foreign, true)).isEqualTo(ReceiptCode.INVALID);
        // Nor does it propose it itself.
        assertThatThrownBy(() -> old.dave.engine.propose(foreign, old.network.now))
                .isInstanceOfSatisfying(
                        CoordinatorException.class,
                        e -> assertThat(e.code()).isEqualTo(CoordinatorException.Code.INVALID));
    }

    @Test
    void whoJoinsFindsOutThatTheProposerWasNotInTheGroupThatIsFollowed() throws Exception {
        Old old = new Old(1);
        Proposal foreign =
                old.dave.made(
                        List.of(old.dave, old.erin),
                        new ProposalDraft.After(
                                old.group.id(),
                                2,
                                List.of(old.alice.member(), old.bob.member(), old.carol.member())));
        assertThat(old.erin.hear(old.dave, foreign, true)).isEqualTo(ReceiptCode.TAKEN);
        old.network.run();
        assertThat(old.erin.phase(foreign)).isEqualTo(GroupPhase.CONSENTED);
        assertThat(told(old.erin, old.dave, foreign, old.group)).isEqualTo(ReceiptCode.OVER);
        old.assertFailed(foreign, GroupFailure.Code.BAD_PREVIOUS, old.dave, old.erin);
    }

    private static ReceiptCode told(Node to, Node from, Proposal next, GroupDescriptor previous) {
        return to.hear(from, next, false, List.of(), Optional.of(previous.encoding()));
    }

    @Test
    void epochsAreCountedWithoutAGap() throws Exception {
        Old old = new Old(1);
        for (int epoch : List.of(3, Integer.MAX_VALUE)) {
            Proposal next =
                    old.alice.made(
                            List.of(old.alice, old.bob, old.carol),
                            new ProposalDraft.After(old.group.id(), epoch, List.of()));
            assertThat(old.bob.hear(old.alice, next, true)).isEqualTo(ReceiptCode.INVALID);
            assertThatThrownBy(() -> old.alice.engine.propose(next, old.network.now))
                    .isInstanceOf(CoordinatorException.class);
        }
        Proposal second = old.formed(old.alice, old.alice, old.bob, old.carol);
        GroupDescriptor group = old.alice.view(second).descriptor().orElseThrow();
        Proposal repeated =
                old.alice.made(
                        List.of(old.alice, old.bob, old.carol),
                        new ProposalDraft.After(group.id(), 2, List.of()));
        assertThat(old.bob.hear(old.alice, repeated, true)).isEqualTo(ReceiptCode.INVALID);
    }

    @Test
    void thoseWhoLeaveAreNamedAllAndNobodyElse() throws Exception {
        Old old = new Old(1);
        for (List<Node> leaving :
                List.of(List.<Node>of(), List.of(old.dave), List.of(old.carol, old.dave))) {
            Proposal next =
                    old.alice.made(
                            List.of(old.alice, old.bob),
                            new ProposalDraft.After(
                                    old.group.id(),
                                    2,
                                    leaving.stream().map(Node::member).toList()));
            assertThat(old.bob.hear(old.alice, next, true)).isEqualTo(ReceiptCode.INVALID);
        }
    }

    /// The peers in a descriptor are the first.
    @Test
    void whoLeavesMaySpeakThroughAnotherPeerThanAtFirst() throws Exception {
        Old old = new Old(1);
        Proposal next =
                old.alice.made(
                        List.of(old.alice, old.bob),
                        new ProposalDraft.After(
                                old.group.id(),
                                2,
                                List.of(new Proposal.Member(old.carol.key(), old.erin.peer))));
        assertThat(old.bob.hear(old.alice, next, true)).isEqualTo(ReceiptCode.TAKEN);
        assertThat(old.bob.hear(old.erin, next, false)).isEqualTo(ReceiptCode.TAKEN);
        // Where it spoke first it is not asked any more.
        assertThat(old.carol.hear(old.alice, next, true)).isEqualTo(ReceiptCode.NOT_ASKED);
    }

    @Test
    void aGroupThatIsNotHereIsNotFollowedByThoseWhoWereInIt() throws Exception {
        Old old = new Old(1);
        Proposal next =
                old.alice.made(
                        List.of(old.alice, old.bob),
                        new ProposalDraft.After(SOME_HASH, 2, List.of(old.carol.member())));
        assertThat(old.carol.hear(old.alice, next, true)).isEqualTo(ReceiptCode.UNKNOWN_PREVIOUS);
        assertThatThrownBy(() -> old.alice.engine.propose(next, old.network.now))
                .isInstanceOf(CoordinatorException.class);
        assertThatThrownBy(() -> old.alice.engine.after(SOME_HASH, List.of()))
                .isInstanceOf(CoordinatorException.class);
        // As one that joins bob would wait for a group that nobody can show.
        assertThat(old.bob.hear(old.alice, next, true)).isEqualTo(ReceiptCode.TAKEN);
        assertThat(told(old.bob, old.alice, next, old.group)).isEqualTo(ReceiptCode.INVALID);
    }

    @Test
    void aGroupThatIsNotFormedHereYetIsFollowedLater() throws Exception {
        GroupNetwork network = GroupNetwork.of(1, 2);
        network.connectAll();
        Node alice = network.nodes.getFirst();
        Node bob = network.nodes.getLast();
        Proposal first = alice.propose(GroupForm.FIXED, network.nodes);
        while (alice.phase(first) != GroupPhase.FORMED || bob.phase(first) == GroupPhase.FORMED) {
            if (!network.step()) {
                // Of this order the other was first.
                Node other = alice;
                alice = bob;
                bob = other;
                break;
            }
            if (bob.phase(first) == GroupPhase.FORMED) {
                Node other = alice;
                alice = bob;
                bob = other;
            }
        }
        assertThat(bob.phase(first)).isEqualTo(GroupPhase.HELD);
        network.disconnect(alice, bob);
        GroupDescriptor group = alice.view(first).descriptor().orElseThrow();
        Proposal next = alice.proposeAfter(group, network.nodes);
        assertThat(bob.hear(alice, next, true)).isEqualTo(ReceiptCode.UNKNOWN_PREVIOUS);
        network.connectAll();
        network.run();
        network.pass(LONG);
        assertFormed(next, group, alice, bob);
    }

    @Test
    void whoHasForgottenTheOldGroupDoesNotSignForIt() throws Exception {
        Old old = new Old(1);
        old.network.now = old.network.now.plus(Duration.ofHours(2));
        old.bob.log.clear();
        old.bob.restart();
        old.network.connectAll();
        old.network.run();
        assertThat(old.bob.engine.groups()).isEmpty();
        Proposal next = old.formed(old.alice, old.alice, old.bob, old.carol);
        // It takes part as one that joins would, and gets no further.
        assertThat(old.bob.phase(next)).isEqualTo(GroupPhase.CONSENTED);
        assertThat(old.alice.phase(next)).isEqualTo(GroupPhase.SEALING);
        assertThat(told(old.bob, old.alice, next, old.group)).isEqualTo(ReceiptCode.OVER);
        old.network.run();
        assertThat(old.bob.failure(next).reason()).contains("UNKNOWN_PREVIOUS");
        old.assertFailed(next, GroupFailure.Code.REFUSED, old.bob, old.alice, old.bob, old.carol);
        assertThat(said(old.bob, Succession.class))
                .noneMatch(said -> said.header().key().equals(old.bob.key()));
    }

    // --- what is told to whom

    @Test
    void whoJoinsIsToldTheOldGroupWhenAllHaveAgreedAndNobodyElseIs() throws Exception {
        Old old = new Old(1);
        old.carol.willing = false;
        Proposal next = old.formed(old.alice, old.alice, old.bob, old.carol, old.dave, old.erin);
        assertThat(old.dave.phase(next)).isEqualTo(GroupPhase.CONSENTED);
        assertThat(old.network.toldPrevious).isEmpty();
        old.carol.consent(next);
        old.network.run();
        assertThat(old.network.toldPrevious).isNotEmpty();
        assertThat(Set.copyOf(old.network.toldPrevious))
                .isEqualTo(Set.of(old.dave.peer, old.erin.peer));
        assertFormed(next, old.group, old.alice, old.bob, old.carol, old.dave, old.erin);
    }

    @Test
    void aStrangerLearnsNothingOfIt() throws Exception {
        Old old = new Old(1);
        Proposal next = old.formed(old.alice, old.alice, old.bob);
        assertThat(old.bob.hear(old.erin, next, true)).isEqualTo(ReceiptCode.NOT_ASKED);
        assertThat(old.bob.engine.ending(old.erin.peer, next.id())).isEmpty();
    }

    // --- what is signed

    /// Carol has agreed to the next group, and has not signed; all others have.
    private static final class Unsigned {
        final Old old = new Old(1);
        final Proposal next;
        final Bytes descriptor;

        Unsigned() throws CoordinatorException {
            old.carol.signing = false;
            next = old.formed(old.alice, old.alice, old.bob, old.carol, old.dave);
            for (Node node : List.of(old.alice, old.bob, old.dave)) {
                assertThat(node.phase(next)).isEqualTo(GroupPhase.SEALING);
            }
            descriptor = GroupDescriptor.of(next, consents(next, old.alice)).id();
        }

        void carolSays(Statement... statements) {
            for (Node node : List.of(old.alice, old.bob, old.dave)) {
                node.hear(old.carol, next, false, statements);
            }
            old.network.run();
        }

        Succession crafted(Bytes previous, Bytes descriptor, ExtendedPrivateKey key, Bytes signed) {
            return old.carol.self.signer.succession(
                    next.id(),
                    previous,
                    descriptor,
                    Schnorr.sign(key.secretKey(), signed.toArray(), GroupNetwork.SECRETS),
                    old.network.now.toEpochMilli());
        }
    }

    private static Map<PublicKey, Consent> consents(Proposal next, Node node) {
        Map<PublicKey, Consent> consents = new HashMap<>();
        try {
            for (Consent consent : said(node, Consent.class)) {
                if (consent.header().subject().equals(Optional.of(next.id().bytes()))) {
                    consents.put(consent.header().key(), consent);
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return consents;
    }

    @Test
    void withoutTheSignatureOfOneOldMemberThereIsNoNextGroupAndItIsNamed() throws Exception {
        Unsigned it = new Unsigned();
        // Its seal alone is not enough.
        it.carolSays(it.old.carol.seal(it.next, it.descriptor));
        for (Node node : List.of(it.old.alice, it.old.bob, it.old.dave)) {
            assertThat(node.phase(it.next)).isEqualTo(GroupPhase.SEALING);
        }
        it.old.network.pass(Duration.ofHours(2));
        assertThat(it.old.alice.phase(it.next)).isEqualTo(GroupPhase.SEALING);
        it.old.network.pass(Duration.ofDays(14));
        it.old.assertFailed(
                it.next, GroupFailure.Code.EXPIRED, it.old.carol, it.old.alice, it.old.bob);
        assertThat(it.old.alice.view(it.old.proposal).successor()).isEmpty();
    }

    @Test
    void whatItSignsWithItsOldKeyMakesTheNextGroup() throws Exception {
        Unsigned it = new Unsigned();
        it.carolSays(
                it.old.carol.seal(it.next, it.descriptor),
                it.old.carol.succession(it.next, it.old.group, it.descriptor));
        assertThat(it.old.alice.phase(it.next)).isEqualTo(GroupPhase.HELD);
        assertThat(it.old.dave.phase(it.next)).isEqualTo(GroupPhase.HELD);
    }

    @Test
    void aSignatureOfAnotherDescriptorIsNoneOfThisOne() throws Exception {
        Unsigned it = new Unsigned();
        ExtendedPrivateKey key = it.old.carol.secret(it.old.proposal);
        it.carolSays(
                it.old.carol.seal(it.next, it.descriptor),
                it.crafted(
                        it.old.group.id(),
                        it.descriptor,
                        key,
                        Succession.message(it.old.group.id(), SOME_HASH)));
        it.old.assertFailed(
                it.next,
                GroupFailure.Code.BAD_SUCCESSION,
                it.old.carol,
                it.old.alice,
                it.old.bob,
                it.old.dave);
    }

    @Test
    void aSignatureThatAnotherGroupIsFollowedIsNone() throws Exception {
        Unsigned it = new Unsigned();
        it.carolSays(
                it.crafted(
                        SOME_HASH,
                        it.descriptor,
                        it.old.carol.secret(it.old.proposal),
                        Succession.message(SOME_HASH, it.descriptor)));
        it.old.assertFailed(
                it.next, GroupFailure.Code.BAD_SUCCESSION, it.old.carol, it.old.alice, it.old.dave);
    }

    @Test
    void aSignatureWithTheNewKeyIsNone() throws Exception {
        Unsigned it = new Unsigned();
        it.carolSays(
                it.crafted(
                        it.old.group.id(),
                        it.descriptor,
                        it.old.carol.secret(it.next),
                        Succession.message(it.old.group.id(), it.descriptor)));
        it.old.assertFailed(
                it.next, GroupFailure.Code.BAD_SUCCESSION, it.old.carol, it.old.alice, it.old.dave);
    }

    @Test
    void aSealIsNoSuccession() throws Exception {
        Unsigned it = new Unsigned();
        it.carolSays(
                it.crafted(
                        it.old.group.id(),
                        it.descriptor,
                        it.old.carol.secret(it.old.proposal),
                        Seal.message(it.descriptor)));
        it.old.assertFailed(
                it.next, GroupFailure.Code.BAD_SUCCESSION, it.old.carol, it.old.alice, it.old.dave);
    }

    @Test
    void whoSignsThatAnotherGroupFollowsIsNamed() throws Exception {
        Unsigned it = new Unsigned();
        it.carolSays(
                it.old.carol.seal(it.next, it.descriptor),
                it.old.carol.succession(it.next, it.old.group, SOME_HASH));
        assertThat(it.old.alice.phase(it.next)).isEqualTo(GroupPhase.SEALING);
        it.old.network.pass(Duration.ofSeconds(11));
        it.old.assertFailed(
                it.next,
                GroupFailure.Code.DESCRIPTOR_DIFFERS,
                it.old.carol,
                it.old.alice,
                it.old.bob,
                it.old.dave);
    }

    @Test
    void whoWasNotInTheOldGroupSignsNothingForIt() throws Exception {
        Unsigned it = new Unsigned();
        Succession foreign =
                it.old.dave.self.signer.succession(
                        it.next.id(),
                        it.old.group.id(),
                        it.descriptor,
                        it.old.dave.signed(
                                it.next.id(), Succession.message(it.old.group.id(), it.descriptor)),
                        it.old.network.now.toEpochMilli());
        it.old.alice.hear(it.old.dave, it.next, false, foreign);
        it.carolSays(it.old.carol.seal(it.next, it.descriptor));
        assertThat(it.old.alice.phase(it.next)).isEqualTo(GroupPhase.SEALING);
        assertThat(it.old.alice.view(it.next).failure()).isEmpty();
    }

    @Test
    void whoLeavesIsNoMemberAndAMemberDoesNotLeave() throws Exception {
        Old old = new Old(1);
        old.bob.willing = false;
        old.carol.willing = false;
        Proposal next = old.formed(old.alice, old.alice, old.bob);
        GroupKey key = old.carol.groupKey(next);
        Consent consent = old.carol.crafted(next, key, old.carol.secret(next).secretKey(), "");
        long made = old.network.now.toEpochMilli();
        old.alice.hear(
                old.carol,
                next,
                false,
                consent,
                old.carol.self.signer.leave(next, made),
                old.carol.seal(next, SOME_HASH));
        assertThat(old.alice.phase(next)).isEqualTo(GroupPhase.CONSENTED);
        Old other = new Old(2);
        other.bob.willing = false;
        other.carol.willing = false;
        Proposal second = other.formed(other.alice, other.alice, other.bob);
        other.bob.willing = true;
        other.bob.consent(second);
        other.alice.hear(other.bob, second, false, other.bob.self.signer.leave(second, made));
        other.network.run();
        assertThat(other.alice.phase(second)).isEqualTo(GroupPhase.CONSENTED);
        other.carol.consent(second);
        other.network.run();
        // And what carol seals beside that is nothing.
        assertFormed(second, other.group, other.alice, other.bob);
    }

    @Test
    void theNextIsNotThereBeforeThoseWhoLeaveHoldEverything() throws Exception {
        Old old = new Old(1);
        old.carol.signing = false;
        Proposal next = old.formed(old.alice, old.alice, old.bob);
        Bytes descriptor = GroupDescriptor.of(next, consents(next, old.alice)).id();
        for (Node node : List.of(old.alice, old.bob)) {
            assertThat(node.phase(next)).isEqualTo(GroupPhase.SEALING);
            // A seal of one that is no member is none.
            node.hear(
                    old.carol,
                    next,
                    false,
                    old.carol.self.signer.seal(
                            next.id(),
                            descriptor,
                            old.carol.signed(old.proposal.id(), Seal.message(descriptor)),
                            old.network.now.toEpochMilli()),
                    old.carol.succession(next, old.group, descriptor));
        }
        old.network.run();
        for (Node node : List.of(old.alice, old.bob)) {
            assertThat(node.phase(next)).isEqualTo(GroupPhase.HELD);
            assertThat(node.view(next).descriptor()).isEmpty();
        }
    }

    @Test
    void whoJoinsFindsOutThatTheGroupThatIsFollowedIsOfAnotherNetwork() throws Exception {
        Old old = new Old(1);
        GroupDescriptor foreign =
                GroupDescriptor.parse(
                        Bytes.wrap(
                                GroupDescriptorPb.parseFrom(old.group.encoding().toArray())
                                        .toBuilder()
                                        .setNetwork(ByteString.copyFrom(new byte[32]))
                                        .build()
                                        .toByteArray()));
        Proposal next =
                old.alice.made(
                        List.of(old.alice, old.dave),
                        new ProposalDraft.After(
                                foreign.id(), 2, List.of(old.bob.member(), old.carol.member())));
        assertThat(old.dave.hear(old.alice, next, true)).isEqualTo(ReceiptCode.TAKEN);
        old.network.run();
        assertThat(told(old.dave, old.alice, next, foreign)).isEqualTo(ReceiptCode.OVER);
        old.assertFailed(next, GroupFailure.Code.BAD_PREVIOUS, old.alice, old.dave);
    }

    @Test
    void aKeyOfTheOldGroupIsNotGivenAgain() throws Exception {
        Old old = new Old(1);
        old.carol.willing = false;
        old.dave.willing = false;
        Proposal next = old.formed(old.alice, old.alice, old.bob, old.carol, old.dave);
        GroupKey used = old.carol.groupKey(old.proposal);
        Consent again =
                old.carol.crafted(next, used, old.carol.secret(old.proposal).secretKey(), "");
        old.alice.hear(old.carol, next, false, again);
        old.assertFailed(next, GroupFailure.Code.USED_KEY, old.carol, old.alice);
    }

    @Test
    void whoJoinsFindsOutThatAKeyIsOfTheOldGroup() throws Exception {
        Old old = new Old(1);
        Proposal next = old.alice.after(old.group, List.of(old.alice, old.dave));
        assertThat(old.dave.hear(old.alice, next, true)).isEqualTo(ReceiptCode.TAKEN);
        Consent again =
                old.alice.crafted(
                        next,
                        old.alice.groupKey(old.proposal),
                        old.alice.secret(old.proposal).secretKey(),
                        "");
        assertThat(old.dave.hear(old.alice, next, false, again)).isEqualTo(ReceiptCode.TAKEN);
        old.network.run();
        assertThat(told(old.dave, old.alice, next, old.group)).isEqualTo(ReceiptCode.OVER);
        old.assertFailed(next, GroupFailure.Code.USED_KEY, old.alice, old.dave);
    }

    @Test
    void whoLeavesMayRefuse() throws Exception {
        Old old = new Old(1);
        old.carol.willing = false;
        Proposal next = old.formed(old.alice, old.alice, old.bob);
        old.carol.engine.refuse(next.id(), "NO", "I stay", old.network.now);
        old.carol.act();
        old.network.run();
        old.assertFailed(next, GroupFailure.Code.REFUSED, old.carol, old.alice, old.bob, old.carol);
        // And then another is made.
        old.carol.willing = true;
        Proposal other = old.formed(old.alice, old.alice, old.carol);
        assertFormed(other, old.group, old.alice, old.carol);
    }

    @Test
    void whoIsMissingIsNamedAlsoIfItIsToLeave() throws Exception {
        Old old = new Old(1);
        old.carol.willing = false;
        Proposal next = old.formed(old.alice, old.alice, old.bob);
        old.network.pass(Duration.ofHours(2));
        old.assertFailed(next, GroupFailure.Code.EXPIRED, old.carol, old.alice, old.bob);
    }

    // --- one at a time, and one for ever

    @Test
    void ofTwoAtOnceNoneIsFormedUntilOneIsTakenBack() throws Exception {
        for (long seed = 0; seed < 4; seed++) {
            Old old = new Old(seed);
            Proposal one = old.alice.proposeAfter(old.group, List.of(old.alice, old.bob));
            Proposal two = old.bob.proposeAfter(old.group, List.of(old.alice, old.bob, old.dave));
            old.network.run();
            for (Node node : List.of(old.alice, old.bob, old.carol)) {
                assertThat(node.phase(one)).isNotEqualTo(GroupPhase.FORMED);
                assertThat(node.phase(two)).isNotEqualTo(GroupPhase.FORMED);
                assertThat(node.view(old.proposal).successor()).isEmpty();
            }
            // Nobody agrees to both.
            assertThatThrownBy(() -> old.alice.consent(two))
                    .isInstanceOfSatisfying(
                            CoordinatorException.class,
                            e ->
                                    assertThat(e.code())
                                            .isEqualTo(CoordinatorException.Code.NOT_WAITING));
            old.bob.engine.withdraw(two.id(), "yours is first", old.network.now);
            old.bob.act();
            old.network.run();
            assertFormed(one, old.group, old.alice, old.bob);
            assertThat(old.dave.failure(two).code()).isEqualTo(GroupFailure.Code.WITHDRAWN);
        }
    }

    @Test
    void afterOneIsThereNoOtherIsTakenOrProposed() throws Exception {
        Old old = new Old(1);
        Proposal next = old.formed(old.alice, old.alice, old.bob);
        assertFormed(next, old.group, old.alice, old.bob);
        assertThatThrownBy(() -> old.carol.proposeAfter(old.group, List.of(old.carol, old.bob)))
                .isInstanceOf(CoordinatorException.class);
        assertThat(old.carol.engine.groups()).hasSize(2);
        Proposal other = old.carol.after(old.group, List.of(old.carol, old.bob));
        assertThat(old.bob.hear(old.carol, other, true)).isEqualTo(ReceiptCode.INVALID);
        old.alice.restart();
        assertThat(old.alice.hear(old.carol, other, true)).isEqualTo(ReceiptCode.INVALID);
    }

    /// Two successors, to both of which all have agreed, whatever keeps them from that.
    private static final class Forked {
        final Old old;
        final List<Node> all;
        final List<Proposal> nexts = new ArrayList<>();
        final Map<Proposal, Map<PublicKey, Consent>> consents = new HashMap<>();

        Forked(long seed) throws CoordinatorException {
            old = new Old(seed);
            all = List.of(old.alice, old.bob, old.carol);
            all.forEach(node -> node.willing = false);
            nexts.add(old.alice.proposeAfter(old.group, all));
            nexts.add(old.bob.proposeAfter(old.group, all));
            old.network.run();
            for (Proposal next : nexts) {
                Map<PublicKey, Consent> given = new HashMap<>();
                for (Node node : all) {
                    Consent consent =
                            node.crafted(
                                    next, node.groupKey(next), node.secret(next).secretKey(), "");
                    given.put(node.key(), consent);
                    says(node, consent);
                }
                consents.put(next, given);
            }
        }

        Bytes descriptor(Proposal next) {
            return GroupDescriptor.of(next, Objects.requireNonNull(consents.get(next))).id();
        }

        static void says(Node node, Statement said) {
            node.log.add(new LogEntry.GroupSaid(said.envelope()));
        }

        void run() throws Exception {
            for (Node node : all) {
                node.restart();
            }
            old.network.connectAll();
            old.network.run();
            old.network.pass(LONG);
        }

        /// Of how many successors a node said something.
        <S extends Statement> int said(Node node, Class<S> kind) throws Exception {
            Set<Bytes> subjects = new HashSet<>();
            GroupSuccessionTest.said(node, kind).stream()
                    .filter(said -> said.header().key().equals(node.key()))
                    .forEach(said -> subjects.add(said.header().subject().orElseThrow()));
            subjects.remove(old.proposal.id().bytes());
            return subjects.size();
        }
    }

    @Test
    void nobodySignsForTwoSuccessorsAtATime() throws Exception {
        for (long seed = 0; seed < 3; seed++) {
            Forked forked = new Forked(seed);
            forked.run();
            for (Node node : forked.all) {
                assertThat(forked.said(node, Succession.class)).isEqualTo(1);
                assertThat(forked.said(node, Held.class)).isLessThan(2);
            }
        }
    }

    @Test
    void nobodyHoldsTwoSuccessorsThoughAllHaveSignedBoth() throws Exception {
        for (long seed = 0; seed < 3; seed++) {
            Forked forked = new Forked(seed);
            for (Proposal next : forked.nexts) {
                Bytes descriptor = forked.descriptor(next);
                for (Node node : forked.all) {
                    Forked.says(node, node.seal(next, descriptor));
                    Forked.says(node, node.succession(next, forked.old.group, descriptor));
                }
            }
            forked.run();
            Set<Bytes> successors = new HashSet<>();
            for (Node node : forked.all) {
                assertThat(forked.said(node, Succession.class)).isEqualTo(2);
                assertThat(forked.said(node, Held.class)).isEqualTo(1);
                node.view(forked.old.proposal).successor().ifPresent(successors::add);
            }
            assertThat(successors).hasSizeLessThan(2);
        }
    }

    @Test
    void whoHasSignedWaitsPastTheEndOfTimeForOthers() throws Exception {
        Old old = new Old(1);
        old.bob.signing = false;
        Proposal next = old.formed(old.alice, old.alice, old.bob, old.carol);
        // Bob signs, and hears nothing of the others any more; they hear of him.
        Bytes descriptor = GroupDescriptor.of(next, consents(next, old.alice)).id();
        for (Node other : List.of(old.alice, old.carol, old.dave, old.erin)) {
            old.network.disconnect(old.bob, other);
        }
        old.bob.engine.sealed(
                next.id(),
                descriptor,
                Optional.of(old.bob.signed(next.id(), Seal.message(descriptor))),
                Optional.of(
                        old.bob.signed(
                                old.proposal.id(), Succession.message(old.group.id(), descriptor))),
                old.network.now);
        old.bob.act();
        Node late = old.alice;
        List<Bytes> bobs =
                said(old.bob, Succession.class).stream().map(Statement::envelope).toList();
        assertThat(bobs).isNotEmpty();
        old.network.pass(Duration.ofDays(3));
        assertThat(late.phase(next)).isEqualTo(GroupPhase.SEALING);
        assertThat(old.bob.phase(next)).isIn(GroupPhase.SEALING, GroupPhase.HELD);
        // Nor does anybody sign for another one meanwhile.
        assertThatThrownBy(() -> old.carol.proposeAfter(old.group, List.of(old.carol, old.dave)))
                .isInstanceOf(CoordinatorException.class);
        old.network.connectAll();
        old.network.run();
        assertFormed(next, old.group, old.alice, old.bob, old.carol);
    }

    // --- restarts

    @Test
    void aRestartAtAnyStepLosesNothingThatWasSaid() throws Exception {
        for (int restartAt = 0; restartAt < 84; restartAt += 7) {
            Old old = new Old(restartAt);
            Proposal next =
                    old.alice.proposeAfter(old.group, List.of(old.alice, old.bob, old.dave));
            for (int i = 0; i < restartAt && old.network.step(); i++) {
                // So far.
            }
            old.network.nodes.get(restartAt / 7 % 4).restart();
            old.network.connectAll();
            old.network.run();
            old.network.pass(LONG);
            assertFormed(next, old.group, old.alice, old.bob, old.dave);
            assertThat(old.carol.phase(next)).isEqualTo(GroupPhase.LEFT);
        }
    }

    @Test
    void whatIsThereIsThereAgainAfterARestartOfAll() throws Exception {
        Old old = new Old(5);
        Proposal next = old.formed(old.alice, old.alice, old.bob, old.dave);
        old.network.now = old.network.now.plus(Duration.ofDays(400));
        for (Node node : List.of(old.alice, old.bob, old.carol, old.dave)) {
            node.restart();
            node.restart(); // From what the first has written anew.
            node.engine.tick(old.network.now);
        }
        assertFormed(next, old.group, old.alice, old.bob, old.dave);
        assertThat(old.carol.phase(next)).isEqualTo(GroupPhase.LEFT);
        assertThat(old.alice.view(old.proposal).successor())
                .isEqualTo(old.dave.view(next).descriptor().map(GroupDescriptor::id));
    }

    /// A process that was killed after it had signed and before it told anybody says the same then.
    @Test
    void whatWasSignedAndNotToldIsToldAfterARestart() throws Exception {
        Old old = new Old(1);
        Proposal next = old.alice.proposeAfter(old.group, List.of(old.alice, old.bob, old.carol));
        while (said(old.carol, Succession.class).stream()
                .noneMatch(one -> one.header().key().equals(old.carol.key()))) {
            assertThat(old.network.step()).isTrue();
        }
        Succession signed =
                said(old.carol, Succession.class).stream()
                        .filter(one -> one.header().key().equals(old.carol.key()))
                        .findFirst()
                        .orElseThrow();
        old.carol.restart(); // What it was to tell is lost with its connections.
        old.network.connectAll();
        old.network.run();
        old.network.pass(LONG);
        assertFormed(next, old.group, old.alice, old.bob, old.carol);
        for (Node node : List.of(old.alice, old.bob, old.carol)) {
            assertThat(said(node, Succession.class)).contains(signed).hasSize(3);
        }
    }
}
