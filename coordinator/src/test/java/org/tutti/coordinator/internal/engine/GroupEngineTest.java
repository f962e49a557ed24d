package org.tutti.coordinator.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Bytes;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.coordinator.group.GroupFailure;
import org.tutti.coordinator.group.GroupLimits;
import org.tutti.coordinator.group.GroupPhase;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.coordinator.internal.wire.StatementSigner;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalDraft;
import org.tutti.coordinator.message.ReceiptCode;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.store.LogEntry;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;

import java.math.BigInteger;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

class GroupEngineTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    private static GroupLimits limits(int undecided, int perPeer, long bytes, int open, int over) {
        GroupLimits usual = GroupLimits.DEFAULT;
        return new GroupLimits(
                undecided,
                perPeer,
                bytes,
                open,
                over,
                usual.differs(),
                usual.signedStays(),
                usual.retryFirst(),
                usual.retryMost());
    }

    /// Three nodes, of which carol has not decided, and all that was said is everywhere.
    private static final class Three {
        final GroupNetwork network = GroupNetwork.of(1, 3);
        final GroupNetwork.Node alice = network.nodes.get(0);
        final GroupNetwork.Node bob = network.nodes.get(1);
        final GroupNetwork.Node carol = network.nodes.get(2);
        final Proposal proposal;

        Three() throws CoordinatorException {
            this(GroupForm.EXTENDED);
        }

        Three(GroupForm form) throws CoordinatorException {
            carol.willing = false;
            network.connectAll();
            proposal = alice.propose(form, network.nodes);
            network.run();
            assertThat(carol.phase(proposal)).isEqualTo(GroupPhase.PROPOSED);
        }

        /// Carol says something that a program of ours would not, to all.
        void carolSays(Statement... statements) {
            alice.hear(carol, proposal, false, statements);
            bob.hear(carol, proposal, false, statements);
            network.run();
        }

        void assertFailed(GroupFailure.Code code, GroupNetwork.Node... culprits) {
            for (GroupNetwork.Node node : List.of(alice, bob)) {
                assertThat(node.failure(proposal).code()).isEqualTo(code);
                assertThat(node.failure(proposal).culprits())
                        .containsExactlyInAnyOrderElementsOf(
                                List.of(culprits).stream().map(GroupNetwork.Node::key).toList());
                assertThat(node.seen(GroupEvent.GroupFailed.class)).hasSize(1);
                assertThat(node.view(proposal).descriptor()).isEmpty();
            }
        }
    }

    @Test
    void allMakeTheSameGroupInWhateverOrderTheyHear() throws Exception {
        for (long seed = 0; seed < 10; seed++) {
            GroupNetwork network = GroupNetwork.of(seed, 4);
            network.connectAll();
            Proposal proposal = network.nodes.getFirst().propose(GroupForm.EXTENDED, network.nodes);
            network.run();
            Set<GroupDescriptor> groups = new HashSet<>();
            for (GroupNetwork.Node node : network.nodes) {
                assertThat(node.phase(proposal)).isEqualTo(GroupPhase.FORMED);
                assertThat(node.seen(GroupEvent.GroupProposed.class)).hasSize(1);
                assertThat(node.seen(GroupEvent.GroupConsented.class)).hasSize(4);
                assertThat(node.seen(GroupEvent.GroupFormed.class)).hasSize(1);
                groups.add(node.view(proposal).descriptor().orElseThrow());
            }
            assertThat(groups).hasSize(1);
        }
    }

    @Test
    void noAddressIsShownBeforeAllHoldAllSignatures() throws Exception {
        for (long seed = 0; seed < 8; seed++) {
            GroupNetwork network = GroupNetwork.of(seed, 4);
            network.connectAll();
            Proposal proposal = network.nodes.getFirst().propose(GroupForm.EXTENDED, network.nodes);
            Set<GroupNetwork.Node> showing = new HashSet<>();
            while (network.step()) {
                for (GroupNetwork.Node node : network.nodes) {
                    boolean shows =
                            node.engine
                                    .group(proposal.id())
                                    .flatMap(view -> view.descriptor())
                                    .isPresent();
                    node.engine
                            .group(proposal.id())
                            .filter(view -> !shows)
                            .ifPresent(view ->
                                    assertThat(view.members())
                                            .allMatch(m -> m.groupKey().isEmpty()));
                    if (shows && showing.add(node)) {
                        // Each has all seals on its disk, and so every signature of the group.
                        for (GroupNetwork.Node other : network.nodes) {
                            assertThat(other.view(proposal).members())
                                    .allMatch(member -> member.sealed());
                            assertThat(onDisk(other)).isEqualTo(4);
                        }
                    }
                }
            }
            assertThat(showing).hasSize(4);
        }
    }

    private static long onDisk(GroupNetwork.Node node) throws Exception {
        long seals = 0;
        for (LogEntry entry : node.log) {
            if (entry instanceof LogEntry.GroupSaid(Bytes said)
                    && GroupNetwork.reader().readAgain(said) instanceof Seal) {
                seals++;
            }
        }
        return seals;
    }

    @Test
    void whoIsNotConnectedToAllHearsThroughTheOthers() throws Exception {
        GroupNetwork network = GroupNetwork.of(3, 4);
        for (int i = 1; i < 4; i++) {
            network.connect(network.nodes.get(i - 1), network.nodes.get(i)); // A chain.
        }
        Proposal proposal = network.nodes.getFirst().propose(GroupForm.FIXED, network.nodes);
        network.run();
        assertThat(network.nodes).allMatch(node -> node.phase(proposal) == GroupPhase.FORMED);
    }

    @Test
    void aRestartAtAnyStepLosesNothingThatWasSaid() throws Exception {
        for (int restartAt = 0; restartAt < 60; restartAt += 2) {
            GroupNetwork network = GroupNetwork.of(restartAt, 3);
            network.connectAll();
            Proposal proposal = network.nodes.getFirst().propose(GroupForm.EXTENDED, network.nodes);
            for (int i = 0; i < restartAt && network.step(); i++) {
                // So far.
            }
            network.nodes.get(restartAt / 2 % 3).restart();
            network.connectAll();
            network.run();
            network.pass(LONG);
            assertThat(network.nodes)
                    .as("restarted after %s steps", restartAt)
                    .allMatch(node -> node.phase(proposal) == GroupPhase.FORMED);
            Set<Bytes> ids = new HashSet<>();
            network.nodes.forEach(
                    node -> ids.add(node.view(proposal).descriptor().orElseThrow().id()));
            assertThat(ids).hasSize(1);
        }
    }

    @Test
    void aFormedGroupIsThereAgainAfterARestart() throws Exception {
        GroupNetwork network = GroupNetwork.of(5, 3);
        network.connectAll();
        GroupNetwork.Node alice = network.nodes.getFirst();
        Proposal proposal = alice.propose(GroupForm.EXTENDED, network.nodes);
        network.run();
        GroupDescriptor before = alice.view(proposal).descriptor().orElseThrow();
        network.now = network.now.plus(Duration.ofDays(400));
        alice.restart();
        assertThat(alice.view(proposal).descriptor()).contains(before);
        alice.engine.tick(network.now);
        assertThat(alice.phase(proposal)).isEqualTo(GroupPhase.FORMED);
    }

    @Test
    void aKeyWithoutItsSecretIsARogueKey() throws Exception {
        Three three = new Three();
        // Another's key, and a signature by something else.
        GroupKey stolen = GroupKey.Extended.ofMaster(GroupNetwork.freshKey(TESTNET).neuter());
        three.carolSays(
                three.carol.crafted(
                        three.proposal, stolen, GroupNetwork.freshKey(TESTNET).secretKey(), ""));
        three.assertFailed(GroupFailure.Code.ROGUE_KEY, three.carol);
    }

    private static final ExtendedKeyVersions TESTNET = ExtendedKeyVersions.TESTNET;

    @Test
    void aProofForAnotherProposalOrMemberIsNone() throws Exception {
        Three three = new Three();
        ExtendedPrivateKey secret = three.carol.secret(three.proposal);
        GroupKey groupKey = three.carol.groupKey(three.proposal);
        Proposal other = three.alice.propose(GroupForm.EXTENDED, three.network.nodes);
        three.carolSays(
                three.carol.self.signer.consent(
                        three.proposal,
                        groupKey,
                        "",
                        three.carol.proof(other, groupKey, secret.secretKey()),
                        three.network.now.toEpochMilli()));
        three.assertFailed(GroupFailure.Code.ROGUE_KEY, three.carol);
    }

    @ParameterizedTest
    @EnumSource
    void aKeyThatAnotherMemberGaveFailsAlsoByParity(GroupForm form) throws Exception {
        Three three = new Three(form);
        // Whoever knows bob's secret could make all proofs, and would sign for both.
        ExtendedPrivateKey secret = three.bob.secret(three.proposal);
        GroupKey same = three.bob.groupKey(three.proposal);
        SecretKey key = secret.secretKey();
        if (form == GroupForm.FIXED) {
            byte[] negated = negated(key.export());
            key = SecretKey.of(negated);
            same = new GroupKey.Bare(key.publicKey());
            assertThat(same.key()).isNotEqualTo(secret.publicKey());
        }
        three.carolSays(three.carol.crafted(three.proposal, same, key, ""));
        three.assertFailed(GroupFailure.Code.DUPLICATE_KEY, three.bob, three.carol);
    }

    private static byte[] negated(byte[] secret) {
        BigInteger order =
                new BigInteger(
                        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
        byte[] bytes = order.subtract(new BigInteger(1, secret)).toByteArray();
        byte[] negated = new byte[32];
        int from = Math.max(0, bytes.length - 32);
        System.arraycopy(bytes, from, negated, 32 - (bytes.length - from), bytes.length - from);
        return negated;
    }

    @Test
    void aKeyByWhichAMemberIsFoundIsNoGroupKey() throws Exception {
        Three three = new Three(GroupForm.FIXED);
        three.carolSays(
                three.carol.crafted(
                        three.proposal,
                        new GroupKey.Bare(three.carol.key()),
                        three.carol.self.key,
                        ""));
        three.assertFailed(GroupFailure.Code.KNOWN_KEY, three.carol);
    }

    @Test
    void aKeyOfAnotherNetworkFails() throws Exception {
        Three three = new Three();
        ExtendedPrivateKey mainnet = GroupNetwork.freshKey(ExtendedKeyVersions.MAINNET);
        three.carolSays(
                three.carol.crafted(
                        three.proposal,
                        GroupKey.Extended.ofMaster(mainnet.neuter()),
                        mainnet.secretKey(),
                        ""));
        three.assertFailed(GroupFailure.Code.WRONG_NETWORK, three.carol);
    }

    @Test
    void aKeyOfAnotherFormFails() throws Exception {
        Three three = new Three();
        ExtendedPrivateKey secret = three.carol.secret(three.proposal);
        three.carolSays(
                three.carol.crafted(
                        three.proposal,
                        new GroupKey.Bare(secret.publicKey()),
                        secret.secretKey(),
                        ""));
        three.assertFailed(GroupFailure.Code.WRONG_FORM, three.carol);
    }

    @Test
    void aConsentCountsForItsProposalAlone() throws Exception {
        Three three = new Three();
        Proposal other = three.alice.propose(GroupForm.EXTENDED, three.network.nodes);
        three.network.run();
        three.carol.consent(other);
        three.network.run();
        assertThat(three.alice.phase(other)).isEqualTo(GroupPhase.FORMED);
        // Of the same name and members, but carol has not consented to this one.
        Consent replayed =
                three.alice.log.stream()
                        .filter(LogEntry.GroupSaid.class::isInstance)
                        .map(entry -> read(((LogEntry.GroupSaid) entry).statement()))
                        .filter(Consent.class::isInstance)
                        .map(Consent.class::cast)
                        .filter(consent -> consent.header().key().equals(three.carol.key()))
                        .findFirst()
                        .orElseThrow();
        three.carolSays(replayed);
        assertThat(three.alice.phase(three.proposal)).isEqualTo(GroupPhase.CONSENTED);
        // Nor does any key of one group occur in the other.
        GroupDescriptor group = three.alice.view(other).descriptor().orElseThrow();
        assertThat(group.signingKeys()).doesNotContain(three.bob.groupKey(three.proposal).key());
    }

    private static Statement read(Bytes envelope) {
        try {
            return GroupNetwork.reader().readAgain(envelope);
        } catch (MessageException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aConsentOfAMemberThroughAnotherPeerIsIgnored() throws Exception {
        Three three = new Three();
        GroupNetwork.Node mallory = three.network.add();
        Consent consent =
                three.carol.crafted(
                        three.proposal,
                        three.carol.groupKey(three.proposal),
                        three.carol.secret(three.proposal).secretKey(),
                        "");
        // Carol's key says it, in the envelope of another peer.
        StatementSigner elsewhere =
                new StatementSigner(
                        mallory.self.identity,
                        three.carol.self.key,
                        Crafted.NETWORK,
                        GroupNetwork.SECRETS);
        three.carolSays(
                elsewhere.consent(
                        three.proposal,
                        consent.groupKey(),
                        "",
                        consent.proof(),
                        three.network.now.toEpochMilli()));
        assertThat(three.alice.view(three.proposal).members())
                .filteredOn(member -> member.policy().isPresent())
                .hasSize(2);
    }

    @Test
    void aConsentIsWithdrawnUntilAllHoldTheGroup() throws Exception {
        GroupNetwork network = GroupNetwork.of(9, 3);
        network.nodes.get(2).willing = false;
        network.connectAll();
        GroupNetwork.Node bob = network.nodes.get(1);
        Proposal proposal = network.nodes.getFirst().propose(GroupForm.EXTENDED, network.nodes);
        network.run();
        assertThat(bob.phase(proposal)).isEqualTo(GroupPhase.CONSENTED);
        bob.engine.refuse(proposal.id(), "CHANGED", "no longer", network.now);
        bob.act();
        network.run();
        for (GroupNetwork.Node node : network.nodes) {
            assertThat(node.failure(proposal).code()).isEqualTo(GroupFailure.Code.REFUSED);
            assertThat(node.failure(proposal).culprits()).containsExactly(bob.key());
        }
        assertThatThrownBy(() -> network.nodes.get(2).consent(proposal))
                .isInstanceOf(CoordinatorException.class);
    }

    @Test
    void whoHasSaidThatItHoldsAllCannotRefuseAnyMore() throws Exception {
        GroupNetwork network = GroupNetwork.of(10, 3);
        network.connectAll();
        GroupNetwork.Node alice = network.nodes.getFirst();
        GroupNetwork.Node bob = network.nodes.get(1);
        Proposal proposal = alice.propose(GroupForm.EXTENDED, network.nodes);
        while (alice.engine.group(proposal.id()).isEmpty()
                || alice.phase(proposal).compareTo(GroupPhase.HELD) < 0) {
            assertThat(network.step()).isTrue();
        }
        assertThatThrownBy(() -> alice.engine.withdraw(proposal.id(), "no longer", network.now))
                .isInstanceOf(CoordinatorException.class);
        // Nor does what a member says, or time, end it there: another may have the group.
        alice.hear(
                bob,
                proposal,
                false,
                bob.self.signer.refuse(proposal, network.now.toEpochMilli(), "NO", "no"));
        network.now = network.now.plus(Duration.ofDays(2));
        alice.engine.tick(network.now);
        assertThat(alice.phase(proposal)).isIn(GroupPhase.HELD, GroupPhase.FORMED);
    }

    @Test
    void theProposerAloneTakesItsProposalBack() throws Exception {
        Three three = new Three();
        three.carolSays(
                three.carol.self.signer.withdraw(
                        three.proposal, three.network.now.toEpochMilli(), "mine"));
        assertThat(three.alice.phase(three.proposal)).isEqualTo(GroupPhase.CONSENTED);
        assertThatThrownBy(() ->
                        three.bob.engine.withdraw(three.proposal.id(), "mine", three.network.now))
                .isInstanceOf(CoordinatorException.class);
        three.alice.engine.withdraw(three.proposal.id(), "changed my mind", three.network.now);
        three.alice.act();
        three.network.run();
        three.assertFailed(GroupFailure.Code.WITHDRAWN, three.alice);
    }

    @Test
    void whoConsentsTwiceDifferentlyIsNamedByAll() throws Exception {
        Three three = new Three();
        ExtendedPrivateKey one = GroupNetwork.freshKey(TESTNET);
        ExtendedPrivateKey two = GroupNetwork.freshKey(TESTNET);
        Consent first =
                three.carol.crafted(
                        three.proposal,
                        GroupKey.Extended.ofMaster(one.neuter()),
                        one.secretKey(),
                        "");
        Consent second =
                three.carol.crafted(
                        three.proposal,
                        GroupKey.Extended.ofMaster(two.neuter()),
                        two.secretKey(),
                        "");
        // Each of the others hears another: together they find out.
        three.alice.hear(three.carol, three.proposal, false, first);
        three.bob.hear(three.carol, three.proposal, false, second);
        three.network.run();
        three.assertFailed(GroupFailure.Code.TWO_CONSENTS, three.carol);
        // Both are kept, so that others can be shown.
        List<Bytes> evidence = three.alice.engine.ending(three.bob.peer, three.proposal.id());
        assertThat(evidence).containsExactlyInAnyOrder(first.envelope(), second.envelope());
        three.alice.restart();
        assertThat(three.alice.failure(three.proposal).code())
                .isEqualTo(GroupFailure.Code.TWO_CONSENTS);
        assertThat(three.alice.engine.ending(three.bob.peer, three.proposal.id()))
                .containsExactlyInAnyOrderElementsOf(evidence);
    }

    @Test
    void theSameConsentMadeAgainIsNoContradiction() throws Exception {
        Three three = new Three();
        Consent first =
                three.carol.crafted(
                        three.proposal,
                        three.carol.groupKey(three.proposal),
                        three.carol.secret(three.proposal).secretKey(),
                        "");
        three.carolSays(first);
        three.network.now = three.network.now.plus(Duration.ofSeconds(1));
        Consent again =
                three.carol.crafted(
                        three.proposal,
                        three.carol.groupKey(three.proposal),
                        three.carol.secret(three.proposal).secretKey(),
                        "");
        assertThat(again).isNotEqualTo(first);
        three.carolSays(again);
        assertThat(three.alice.view(three.proposal).failure()).isEmpty();
    }

    @Test
    void whoSignsAnotherDescriptorIsNamed() throws Exception {
        Three three = new Three();
        three.carolSays(
                three.carol.crafted(
                        three.proposal,
                        three.carol.groupKey(three.proposal),
                        three.carol.secret(three.proposal).secretKey(),
                        ""),
                three.carol.seal(three.proposal, Bytes.fromHex("33".repeat(32))));
        assertThat(three.alice.phase(three.proposal)).isEqualTo(GroupPhase.SEALING);
        three.network.pass(Duration.ofSeconds(5));
        assertThat(three.alice.phase(three.proposal)).isEqualTo(GroupPhase.SEALING);
        three.network.pass(Duration.ofSeconds(6));
        three.assertFailed(GroupFailure.Code.DESCRIPTOR_DIFFERS, three.carol);
    }

    @Test
    void aSealWithAWrongSignatureIsNamed() throws Exception {
        Three three = new Three();
        Consent consent =
                three.carol.crafted(
                        three.proposal,
                        three.carol.groupKey(three.proposal),
                        three.carol.secret(three.proposal).secretKey(),
                        "");
        three.carolSays(consent);
        Bytes descriptor =
                GroupDescriptor.of(
                                three.proposal,
                                Map.of(
                                        three.alice.key(),
                                        consentOf(three.alice, three),
                                        three.bob.key(),
                                        consentOf(three.bob, three),
                                        three.carol.key(),
                                        consent))
                        .id();
        three.carolSays(
                three.carol.self.signer.seal(
                        three.proposal.id(),
                        descriptor,
                        // By the key that identifies it.
                        Schnorr.sign(
                                three.carol.self.key,
                                Seal.message(descriptor).toArray(),
                                GroupNetwork.SECRETS),
                        three.network.now.toEpochMilli()));
        three.assertFailed(GroupFailure.Code.BAD_SEAL, three.carol);
    }

    private static Consent consentOf(GroupNetwork.Node node, Three three) {
        return node.crafted(
                three.proposal,
                node.groupKey(three.proposal),
                node.secret(three.proposal).secretKey(),
                "");
    }

    @Test
    void whatAStrangerHandsOverIsNotTakenAndNothingIsToldIt() throws Exception {
        Three three = new Three();
        GroupNetwork.Node mallory = three.network.add();
        assertThat(mallory.willing).isTrue();
        assertThat(
                        three.alice.hear(
                                mallory,
                                three.proposal,
                                true,
                                three.carol.self.signer.refuse(
                                        three.proposal,
                                        three.network.now.toEpochMilli(),
                                        "NO",
                                        "no")))
                .isEqualTo(ReceiptCode.NOT_ASKED);
        assertThat(three.alice.phase(three.proposal)).isEqualTo(GroupPhase.CONSENTED);
        three.network.connect(three.alice, mallory);
        three.network.run();
        assertThat(mallory.engine.groups()).isEmpty();
        three.alice.engine.refuse(three.proposal.id(), "NO", "no", three.network.now);
        assertThat(three.alice.engine.ending(mallory.peer, three.proposal.id())).isEmpty();
        assertThat(three.alice.engine.ending(three.bob.peer, three.proposal.id())).hasSize(1);
    }

    @Test
    void whoeverIsNotProposedIsNotAsked() throws Exception {
        GroupNetwork network = GroupNetwork.of(1, 3);
        Proposal proposal =
                network.nodes.getFirst().propose(GroupForm.FIXED, network.nodes.subList(0, 2));
        GroupNetwork.Node carol = network.nodes.get(2);
        assertThat(carol.hear(network.nodes.getFirst(), proposal, true))
                .isEqualTo(ReceiptCode.NOT_ASKED);
        assertThat(network.nodes.get(1).hear(carol, proposal, true))
                .isEqualTo(ReceiptCode.NOT_ASKED);
        assertThat(network.nodes.get(1).hear(network.nodes.getFirst(), proposal, false))
                .isEqualTo(ReceiptCode.UNKNOWN_REQUEST);
    }

    @Test
    void aProposalThatNamesAnotherPeerForThisKeyIsNotTaken() throws Exception {
        GroupNetwork network = GroupNetwork.of(1, 3);
        GroupNetwork.Node alice = network.nodes.getFirst();
        GroupNetwork.Node bob = network.nodes.get(1);
        GroupNetwork.Node carol = network.nodes.get(2);
        Proposal proposal =
                alice.self.signer.proposal(
                        new ProposalDraft(
                                "savings",
                                List.of(alice.member(), new Proposal.Member(bob.key(), carol.peer)),
                                GroupForm.FIXED,
                                0,
                                Duration.ofHours(1)),
                        network.now.toEpochMilli());
        assertThat(bob.hear(alice, proposal, true)).isEqualTo(ReceiptCode.NOT_ASKED);
    }

    @Test
    void aProposalExpiresAndNamesWhoHasNotConsented() throws Exception {
        Three three = new Three();
        three.network.pass(Duration.ofHours(1));
        for (GroupNetwork.Node node : three.network.nodes) {
            assertThat(node.seen(GroupEvent.GroupFailed.class))
                    .extracting(event -> event.failure().code())
                    .containsExactly(GroupFailure.Code.EXPIRED);
        }
        assertThat(three.alice.seen(GroupEvent.GroupFailed.class).getFirst().failure().culprits())
                .containsExactly(three.carol.key());
        three.network.pass(LONG);
        assertThat(three.alice.engine.groups()).isEmpty();
    }

    @Test
    void strangersFillTheirRoomAndNoMore() throws Exception {
        GroupNetwork network = new GroupNetwork(1);
        GroupNetwork.Node alice = network.add(limits(3, 2, 1 << 20, 9, 9));
        alice.willing = false;
        for (int i = 0; i < 3; i++) {
            var _ = network.add();
        }
        int[] given = {2, 2, 1}; // Of one peer at most two, of all three.
        int[] taken = new int[3];
        for (int i = 0; i < 3; i++) {
            GroupNetwork.Node stranger = network.nodes.get(1 + i);
            for (int n = 0; n < given[i] + 1; n++) {
                Proposal proposal = stranger.propose(GroupForm.FIXED, List.of(alice, stranger));
                if (alice.hear(stranger, proposal, true) == ReceiptCode.TAKEN) {
                    taken[i]++;
                }
            }
        }
        assertThat(taken).containsExactly(2, 1, 0);
        // This node's own is no stranger's.
        Proposal own = alice.propose(GroupForm.FIXED, network.nodes.subList(0, 2));
        assertThat(alice.phase(own)).isEqualTo(GroupPhase.CONSENTED);
    }

    @Test
    void whatIsSaidAboutUndecidedProposalsIsBoundedInBytes() throws Exception {
        GroupNetwork network = new GroupNetwork(1);
        GroupNetwork.Node alice = network.add(limits(9, 9, 4_000, 9, 9));
        alice.willing = false;
        GroupNetwork.Node bob = network.add();
        Proposal proposal = bob.propose(GroupForm.EXTENDED, network.nodes);
        assertThat(alice.hear(bob, proposal, true)).isEqualTo(ReceiptCode.TAKEN);
        Consent consent =
                bob.crafted(
                        proposal,
                        bob.groupKey(proposal),
                        bob.secret(proposal).secretKey(),
                        "rules ".repeat(150));
        assertThat(alice.hear(bob, proposal, false, consent)).isEqualTo(ReceiptCode.BUSY);
        assertThat(alice.view(proposal).members()).allMatch(member -> member.policy().isEmpty());
        // Once this node has decided, it is told everything.
        alice.consent(proposal);
        assertThat(alice.hear(bob, proposal, false, consent)).isEqualTo(ReceiptCode.TAKEN);
    }

    @Test
    void groupsAreBoundedInNumber() throws Exception {
        GroupNetwork network = new GroupNetwork(1);
        GroupNetwork.Node alice = network.add(limits(9, 9, 1 << 20, 2, 9));
        alice.willing = false;
        var _ = network.add();
        var _ = alice.propose(GroupForm.FIXED, network.nodes);
        var _ = alice.propose(GroupForm.FIXED, network.nodes);
        assertThatThrownBy(() -> alice.propose(GroupForm.FIXED, network.nodes))
                .isInstanceOf(CoordinatorException.class);
        Proposal other = network.nodes.get(1).propose(GroupForm.FIXED, network.nodes);
        assertThat(alice.hear(network.nodes.get(1), other, true)).isEqualTo(ReceiptCode.TAKEN);
        assertThatThrownBy(() -> alice.consent(other)).isInstanceOf(CoordinatorException.class);
    }

    @Test
    void proposalsThatFailedAreForgottenBeyondTheirBound() throws Exception {
        GroupNetwork network = new GroupNetwork(1);
        GroupNetwork.Node alice = network.add(limits(9, 9, 1 << 20, 9, 2));
        var _ = network.add();
        for (int i = 0; i < 4; i++) {
            Proposal proposal = alice.propose(GroupForm.FIXED, network.nodes);
            alice.engine.withdraw(proposal.id(), "no", network.now);
            alice.act();
        }
        assertThat(alice.engine.groups()).hasSize(2);
    }

    @Test
    void aPeerThatDoesNotAnswerIsAskedLaterAndLater() throws Exception {
        GroupNetwork network = GroupNetwork.of(1, 2);
        GroupNetwork.Node alice = network.nodes.getFirst();
        GroupNetwork.Node bob = network.nodes.get(1);
        Proposal proposal =
                alice.self.signer.proposal(
                        network.draft(GroupForm.FIXED, network.nodes), network.now.toEpochMilli());
        alice.engine.connected(bob.peer, network.now);
        alice.engine.propose(proposal, network.now);
        assertThat(deliveries(alice)).isEqualTo(1);
        alice.engine.notDelivered(bob.peer, proposal.id(), network.now);
        assertThat(deliveries(alice)).isZero();
        alice.engine.tick(network.now.plusMillis(1_000));
        assertThat(deliveries(alice)).isEqualTo(1);
        alice.engine.notDelivered(bob.peer, proposal.id(), network.now.plusMillis(1_000));
        alice.engine.tick(network.now.plusMillis(2_500));
        assertThat(deliveries(alice)).isZero();
        alice.engine.tick(network.now.plusMillis(3_000));
        assertThat(deliveries(alice)).isEqualTo(1);
    }

    private static long deliveries(GroupNetwork.Node node) {
        return node.engine.takeOutputs().stream()
                .filter(EngineOutput.DeliverGroup.class::isInstance)
                .count();
    }

    @Test
    void nobodyIsDialledForWhatStrangersPropose() throws Exception {
        Three three = new Three();
        assertThat(three.carol.engine.wanted()).isEmpty();
        assertThat(three.bob.engine.wanted())
                .containsExactlyInAnyOrder(three.alice.member(), three.carol.member());
    }

    @Test
    void whatThisNodeSaidIsNotBroughtBackByOthers() throws Exception {
        Three three = new Three();
        Consent own = consentOf(three.carol, three);
        assertThat(three.carol.hear(three.alice, three.proposal, false, own))
                .isEqualTo(ReceiptCode.TAKEN);
        assertThat(three.carol.phase(three.proposal)).isEqualTo(GroupPhase.PROPOSED);
    }

    @Test
    void strangersDoNotMakeANodeForgetWhatItRefused() throws Exception {
        GroupNetwork network = new GroupNetwork(1);
        GroupNetwork.Node alice = network.add(limits(9, 9, 1 << 20, 9, 2));
        alice.willing = false;
        GroupNetwork.Node bob = network.add();
        Proposal mine = alice.propose(GroupForm.FIXED, network.nodes);
        alice.engine.withdraw(mine.id(), "no", network.now);
        alice.act();
        for (int i = 0; i < 4; i++) {
            Proposal other = bob.propose(GroupForm.FIXED, network.nodes);
            var _ = alice.hear(bob, other, true);
            var _ =
                    alice.hear(
                            bob,
                            other,
                            false,
                            bob.self.signer.withdraw(other, network.now.toEpochMilli(), "no"));
        }
        assertThat(alice.engine.groups()).hasSize(2);
        assertThat(alice.engine.group(mine.id())).isPresent();
    }
}
