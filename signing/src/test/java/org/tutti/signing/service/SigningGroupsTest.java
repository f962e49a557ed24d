package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.transport.memory.MemoryNetwork;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.SeededRandom;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.journal.FolderJournalFiles;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalFiles;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalSource;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A node in several groups.
class SigningGroupsTest {
    @TempDir Path folder;

    private final MemoryNetwork network = new MemoryNetwork();

    private HostGroup hosts(int size) throws Exception {
        return new HostGroup(size, folder, "/memory/%d", b -> b.transport(network.transport()));
    }

    private static void requireSigned(SessionHandle handle) throws Exception {
        assertThat(handle.await(HostGroup.TIMEOUT)).isInstanceOf(SessionOutcome.Signed.class);
    }

    private static void awaitAgreed(SigningGroup... groups) throws Exception {
        for (SigningGroup group : groups) {
            assertThat(group.awaitAgreed(HostGroup.TIMEOUT)).as("%s", group).isTrue();
        }
    }

    @Test
    void twoGroupsWithDifferentMembersSignAtTheSameTime() throws Exception {
        try (HostGroup g = hosts(4)) {
            for (HostGroup.Node node : g.nodes) {
                node.service.drop(g.group.id());
                assertThat(node.service.links()).isZero();
            }
            SignerGroup first = g.groupOf(2, 0, 1, 2);
            SignerGroup second = g.groupOf(3, 1, 2, 3);
            List<SigningGroup> inFirst = new ArrayList<>();
            List<SigningGroup> inSecond = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                inFirst.add(HostGroup.join(g.nodes.get(i), first));
                inSecond.add(HostGroup.join(g.nodes.get(i + 1), second));
            }
            List<SessionHandle> handles = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                handles.add(inFirst.get(i % 3).sign(HostGroup.draft(i)));
                handles.add(inSecond.get(i % 3).sign(HostGroup.draft(i)));
            }
            for (SessionHandle handle : handles) {
                requireSigned(handle);
            }
            // The nodes in the middle share both groups, and one link.
            assertThat(g.nodes.stream().map(node -> node.service.links()))
                    .containsExactly(2, 3, 3, 2);
            GroupStatus status = inFirst.get(1).status();
            assertThat(status.linked()).hasSize(2);
            assertThat(status.journal()).isNotEqualTo(inSecond.get(0).status().journal());
            assertThat(status.forces()).isEqualTo(inSecond.get(0).status().forces());
        }
    }

    @Test
    void groupIsAddedOneByOneWhileAllAreConnected() throws Exception {
        try (HostGroup g = hosts(3)) {
            SignerGroup added = g.groupOf(2, 0, 1, 2);
            SigningGroup ofAlice = HostGroup.join(g.nodes.get(0), added);
            // The others drop her hello: they are not in the group yet.
            requireSigned(g.nodes.get(0).signing.sign(HostGroup.draft(1)));
            SigningGroup ofBob = HostGroup.join(g.nodes.get(1), added);
            requireSigned(g.nodes.get(1).signing.sign(HostGroup.draft(2)));
            SigningGroup ofCarol = HostGroup.join(g.nodes.get(2), added);
            awaitAgreed(ofAlice, ofBob, ofCarol);
            requireSigned(ofBob.sign(HostGroup.draft(3)));
            assertThat(g.nodes.get(0).service.links()).isEqualTo(2);
            assertThat(g.nodes.get(0).service.groups())
                    .containsExactly(g.nodes.get(0).signing, ofAlice);
        }
    }

    @Test
    void groupThatIsDroppedAndAddedAgainResumesItsSessionsWhileAnotherSigns() throws Exception {
        try (HostGroup g = hosts(3)) {
            HostGroup.Node bob = g.nodes.get(1);
            HostGroup.Node carol = g.nodes.get(2);
            SignerGroup pair = g.groupOf(2, 0, 1);
            SigningGroup pairOfAlice = HostGroup.join(g.nodes.get(0), pair);
            awaitAgreed(pairOfAlice, HostGroup.join(bob, pair));
            CountDownLatch go = new CountDownLatch(1);
            carol.approval =
                    (request, _) -> {
                        go.await();
                        return new Decision.Approved(request.messages());
                    };
            SessionHandle handle = g.nodes.get(0).signing.sign(HostGroup.draft(1));
            bob.await(SessionEvent.ReadySeen.class);
            bob.signing.status();
            SigningGroup before = bob.signing;
            bob.service.drop(g.group.id());
            assertThatIllegalStateException().isThrownBy(() -> before.sign(HostGroup.draft(9)));
            assertThat(bob.service.group(g.group.id())).isEmpty();
            requireSigned(pairOfAlice.sign(HostGroup.draft(2)));
            bob.service.drop(g.group.id()); // Is not there: nothing happens.
            bob.signing = HostGroup.join(bob, g.group);
            go.countDown();
            requireSigned(handle);
            requireSigned(bob.signing.sign(HostGroup.draft(3)));
        }
    }

    @Test
    void requesterThatDropsItsGroupIsToldSoAndTheSessionGoesOnLater() throws Exception {
        try (HostGroup g = hosts(2)) {
            HostGroup.Node alice = g.nodes.get(0);
            HostGroup.Node bob = g.nodes.get(1);
            CountDownLatch go = new CountDownLatch(1);
            bob.approval =
                    (request, _) -> {
                        go.await();
                        return new Decision.Approved(request.messages());
                    };
            SessionHandle handle = alice.signing.sign(HostGroup.draft(1));
            alice.await(SessionEvent.ReadySeen.class);
            alice.service.drop(g.group.id());
            assertThat(handle.await(HostGroup.TIMEOUT))
                    .isInstanceOfSatisfying(
                            SessionOutcome.Aborted.class,
                            aborted -> assertThat(aborted.code()).isEqualTo("GROUP_DROPPED"));
            alice.signing = HostGroup.join(alice, g.group);
            go.countDown();
            assertThat(alice.await(SessionEvent.Signed.class).request().sessionId())
                    .isEqualTo(handle.request().sessionId());
        }
    }

    @Test
    void whatIsHeldIsHeldAfterTheGroupWasDroppedAndAddedAgain() throws Exception {
        try (HostGroup g = hosts(2)) {
            Bytes coin = Bytes.fromHex("c0");
            for (HostGroup.Node node : g.nodes) {
                node.approval =
                        (request, _) ->
                                new Decision.Approved(
                                        request.messages(), new Hold(Set.of(coin), coin));
            }
            HostGroup.Node alice = g.nodes.get(0);
            requireSigned(alice.signing.sign(HostGroup.draft(1)));
            alice.service.drop(g.group.id());
            alice.signing = HostGroup.join(alice, g.group);
            alice.signing.status();
            assertThat(alice.signing.holds().isHeld(coin)).isTrue();
            assertThat(HostGroup.join(alice, g.groupOf(2, 0, 1)).holds().isHeld(coin)).isFalse();
        }
    }

    @Test
    void frameForAGroupFromAPeerThatIsNotInItIsDropped() throws Exception {
        try (HostGroup g = hosts(3)) {
            HostGroup.Node alice = g.nodes.get(0);
            HostGroup.Node bob = g.nodes.get(1);
            HostGroup.Node mallory = g.nodes.get(2);
            SignerGroup pair = g.groupOf(2, 0, 1);
            SigningGroup pairOfAlice = HostGroup.join(alice, pair);
            awaitAgreed(pairOfAlice, HostGroup.join(bob, pair));
            Bytes boot = Bytes.fromHex("b0".repeat(16));
            Member ofBob = pair.member(bob.host.peerId()).orElseThrow();
            Bytes ofAMember =
                    new EnvelopeSigner(ofBob, bob.identity, pair, boot)
                            .challenge(1, List.of(), List.of())
                            .envelope();
            Member pretended =
                    new Member(
                            ofBob.index(),
                            mallory.host.peerId(),
                            mallory.key.publicKey(),
                            List.of());
            Bytes herOwn =
                    new EnvelopeSigner(pretended, mallory.identity, pair, boot)
                            .challenge(1, List.of(), List.of())
                            .envelope();
            try (Stream stream =
                    mallory.host.newStream(alice.host.peerId(), SigningService.PROTOCOL)) {
                for (Bytes envelope : List.of(ofAMember, herOwn)) {
                    byte[] frame = Frames.encode(envelope.toArray());
                    stream.write(frame, 0, frame.length);
                    SessionEvent.Dropped dropped = awaitDropped(alice);
                    assertThat(dropped.from()).isEqualTo(mallory.member);
                }
            }
            requireSigned(pairOfAlice.sign(HostGroup.draft(1)));
        }
    }

    private static SessionEvent.Dropped awaitDropped(HostGroup.Node node) throws Exception {
        SessionEvent.Dropped dropped = node.await(SessionEvent.Dropped.class);
        while (dropped.reason() != DropReason.UNKNOWN_SIGNER) {
            dropped = node.await(SessionEvent.Dropped.class);
        }
        return dropped;
    }

    @Test
    void linksToPeersThatAreInNoGroupAnyMoreEnd() throws Exception {
        try (HostGroup g = hosts(3)) {
            HostGroup.Node alice = g.nodes.get(0);
            HostGroup.join(alice, g.groupOf(2, 0, 1));
            alice.service.drop(g.group.id());
            assertThat(alice.service.links()).isEqualTo(1);
            HostGroup.Node carol = g.nodes.get(2);
            assertThat(isEndedByTheOther(carol, alice)).isTrue();
        }
    }

    /// Its end may come at once, while the stream is still opened.
    private static boolean isEndedByTheOther(HostGroup.Node opener, HostGroup.Node other) {
        try (Stream stream = opener.host.newStream(other.host.peerId(), SigningService.PROTOCOL)) {
            stream.setReadTimeout(HostGroup.TIMEOUT);
            return stream.read(new byte[1], 0, 1) < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void numberOfGroupsIsBounded() throws Exception {
        try (HostGroup g = hosts(2)) {
            HostGroup.Node alice = g.nodes.get(0);
            List<SigningGroup> added = new ArrayList<>();
            for (int i = 1; i < SigningService.MAX_GROUPS; i++) {
                added.add(HostGroup.join(alice, g.groupOf(1 + i, 0, 1)));
            }
            SignerGroup oneMore = g.groupOf(1_000, 0, 1);
            assertThatIllegalStateException()
                    .isThrownBy(() -> HostGroup.join(alice, oneMore))
                    .withMessageContaining("at most 64 groups");
            alice.service.drop(added.getFirst().group().id());
            assertThat(HostGroup.join(alice, oneMore).group()).isEqualTo(oneMore);
            requireSigned(alice.signing.sign(HostGroup.draft(1)));
        }
    }

    @Test
    void groupIsAddedOnceAndByAMemberWithItsKey() throws Exception {
        try (HostGroup g = hosts(3);
                SecretKey other = SecretKey.generate(new SeededRandom(99))) {
            HostGroup.Node alice = g.nodes.get(0);
            assertThatIllegalStateException().isThrownBy(() -> HostGroup.join(alice, g.group));
            SignerGroup others = g.groupOf(2, 1, 2);
            assertThatIllegalArgumentException().isThrownBy(() -> HostGroup.join(alice, others));
            SignerGroup pair = g.groupOf(3, 0, 1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            alice.service.add(
                                    GroupParticipation.of(pair, other, alice.approval())));
            assertThat(alice.service.groups()).hasSize(1);
        }
    }

    @Test
    void groupsThatAreThereAtTheStartShareOneForce() throws Exception {
        try (HostGroup g = hosts(2)) {
            HostGroup.Node alice = g.nodes.get(0);
            alice.service.close();
            try (Host alone =
                            Host.builder()
                                    .identity(alice.identity)
                                    .transport(new MemoryNetwork().transport())
                                    .build();
                    SigningService service =
                            SigningService.builder()
                                    .host(alone)
                                    .identity(alice.identity)
                                    .dataFolder(alice.folder)
                                    .build()) {
                List<SigningGroup> groups = new ArrayList<>();
                for (int epoch = 1; epoch <= 3; epoch++) {
                    groups.add(
                            service.add(
                                    GroupParticipation.of(
                                            g.groupOf(epoch, 0, 1), alice.key, alice.approval())));
                }
                // Before the start nothing is written: one that is dropped was never there.
                service.drop(groups.get(1).group().id());
                SignerGroup again = groups.get(1).group();
                groups.set(
                        1, service.add(GroupParticipation.of(again, alice.key, alice.approval())));
                service.start();
                assertThat(groups.get(2).status().forces()).isEqualTo(1);
                // An entry of the start, and one of its own agreement.
                assertThat(groups.get(1).status().journal().count()).isEqualTo(2);
            }
        }
    }

    @Test
    void eachTimeInAGroupHasABootIdOfItsOwn() throws Exception {
        List<Bytes> boots = new ArrayList<>();
        try (HostGroup g = hosts(2)) {
            HostGroup.Node alice = g.nodes.get(0);
            for (int i = 0; i < 3; i++) {
                alice.service.drop(g.group.id());
                alice.signing = HostGroup.join(alice, g.group);
            }
            HostGroup.join(alice, g.groupOf(2, 0, 1)).status();
            alice.service.close();
            try (JournalFiles files = FolderJournalFiles.open(alice.folder.resolve("journal"));
                    JournalSource source = files.source()) {
                Journal.read(
                        source,
                        (entry, _) -> {
                            if (entry.record() instanceof JournalRecord.Started(Bytes boot)) {
                                boots.add(boot);
                            }
                        });
            }
        }
        assertThat(boots).hasSize(5).doesNotHaveDuplicates();
    }

    @Test
    void whatWasBeingDecidedWhenAGroupWasDroppedIsNotRefused() throws Exception {
        try (HostGroup g = hosts(2)) {
            HostGroup.Node bob = g.nodes.get(1);
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch interrupted = new CountDownLatch(1);
            bob.approval =
                    (_, _) -> {
                        asked.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } finally {
                            interrupted.countDown();
                        }
                        return new Decision.Refused("NO", "no");
                    };
            SessionHandle handle = g.nodes.get(0).signing.sign(HostGroup.draft(1));
            asked.await();
            bob.service.drop(g.group.id());
            assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
            bob.approval = (request, _) -> new Decision.Approved(request.messages());
            bob.signing = HostGroup.join(bob, g.group);
            // Asked for what it has missed, alice sends her request again.
            requireSigned(handle);
        }
    }
}
