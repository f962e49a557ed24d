package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.RecordingJournalFile;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// What others remember of a signer's journal across backups, restarts and changes of the group
/// (see also the journals in [BadInputTest]).
class JournalWentBackTest extends GroupWithMallory {
    JournalWentBackTest() {
        super(41);
    }

    /// Signs one session, then restores her journal from before it.
    private void malloryRestoresABackup() {
        RecordingJournalFile backup = mallory.file.backup();
        sim.ask(alice, 1);
        sim.settle();
        mallory.die();
        mallory.file = backup;
        mallory.start();
        sim.settle();
        sim.nodes.forEach(node -> node.outcomes.clear());
    }

    private SessionOutcome.Aborted aborted(SimNode node, SessionId id) {
        if (node.outcomes.get(id) instanceof SessionOutcome.Aborted aborted) {
            return aborted;
        }
        throw new AssertionError(node + " ended with " + node.outcomes.get(id));
    }

    @Test
    void journalThatWentBackAndGrewToTheSameCountIsSeenAndConvictsNobody() {
        malloryRestoresABackup();
        // Her own request's entry has now the number of the lost session's.
        SessionId id = sim.ask(mallory, 1);
        sim.run();
        assertThat(aborted(alice, id).code()).isEqualTo("JOURNAL_WENT_BACK");
        for (SimNode honest : List.of(alice, bob)) {
            assertThat(aborted(honest, id).culprits()).as("nobody is convicted").isEmpty();
            assertThat(honest.evidence).isEmpty();
        }
        assertThat(sim.watch.signatures()).as("of the first session alone").isEqualTo(3);
    }

    @Test
    void headsOfOthersAreRememberedAcrossARestart() {
        malloryRestoresABackup();
        for (SimNode honest : List.of(alice, bob)) {
            // The process is killed, not the machine: what was written is still there.
            RecordingJournalFile written = honest.file.backup();
            honest.die();
            honest.file = written;
            honest.start();
        }
        sim.settle();
        sim.nodes.forEach(node -> node.outcomes.clear());
        SessionId id = sim.ask(mallory, 1);
        sim.run();
        for (SimNode honest : List.of(alice, bob)) {
            assertThat(aborted(honest, id).code()).isEqualTo("JOURNAL_WENT_BACK");
            assertThat(aborted(honest, id).evidence())
                    .as("the message with the first head was not kept")
                    .isEmpty();
        }
        assertThat(sim.watch.signatures()).isEqualTo(3);
    }

    @Test
    void headInAMessageThatIsTooLateForItsAttemptIsCheckedToo() {
        malloryRestoresABackup();
        SigningRequest request = sim.request(bob, 1, Duration.ofMinutes(10));
        alice.handle(new EngineInput.Received(bob.envelopeSigner().sign(request)));
        alice.handle(new EngineInput.Received(bobsReady(request.sessionId())));
        assertThat(alice.engine().liveSessions().getFirst().attempt()).isEqualTo(2);
        alice.handle(
                new EngineInput.Received(ready(mallory, request.sessionId(), 1, sim.random32())));
        assertThat(aborted(alice, request.sessionId()).code()).isEqualTo("JOURNAL_WENT_BACK");
        assertThat(aborted(alice, request.sessionId()).observed()).containsExactly(mallory.member);
    }

    /// For attempt 2, with the head that he sent before.
    private Inbound.Statement bobsReady(SessionId id) {
        Contribution.Ready told =
                sim.said(bob).stream()
                        .map(s -> s.contribution().body())
                        .filter(Contribution.Ready.class::isInstance)
                        .map(Contribution.Ready.class::cast)
                        .findFirst()
                        .orElseThrow();
        return bob.envelopeSigner().sign(id, 2, told);
    }

    private static Inbound.Statement ready(SimNode node, SessionId id, int attempt, Bytes hash) {
        JournalHead head = new JournalHead(1, hash);
        return node.envelopeSigner()
                .sign(id, attempt, new Contribution.Ready(node.attestation(), head));
    }

    private static RecordingJournalFile rewritten(
            RecordingJournalFile file, UnaryOperator<JournalRecord> change) {
        RecordingJournalFile changed = new RecordingJournalFile();
        List<JournalRecord> records = new ArrayList<>();
        try {
            Journal.open(file.backup(), records::add);
            Journal journal = Journal.open(changed, _ -> {});
            journal.append(records.stream().map(change).toList());
            journal.force();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return changed;
    }

    private static JournalRecord ofAnotherGroup(JournalRecord record) {
        return record instanceof JournalRecord.Sign s
                ? new JournalRecord.Sign(
                        s.session(),
                        s.attempt(),
                        s.messages(),
                        s.nonceEnvelopes(),
                        s.aggregateNonces(),
                        s.nonceSetHash(),
                        s.ownPartials(),
                        s.heads(),
                        Bytes.wrap(new byte[32]))
                : record;
    }

    @Test
    void headsOfAnotherGroupAreIgnored() {
        malloryRestoresABackup();
        for (SimNode honest : List.of(alice, bob)) {
            honest.die();
            honest.file = rewritten(honest.file, JournalWentBackTest::ofAnotherGroup);
            honest.start();
        }
        sim.settle();
        SessionId id = sim.ask(bob, 1);
        sim.run();
        assertThat(alice.outcomes.get(id)).isInstanceOf(SessionOutcome.Signed.class);
    }

    @Test
    void sessionOfAnotherGroupIsNotResumed() throws IOException {
        SigningRequest old =
                GroupFixture.requestOf(
                        sim.otherEpoch(-1),
                        bob.member.peerId(),
                        sim.random32(),
                        sim.now,
                        sim.now.plus(Duration.ofMinutes(30)),
                        List.of(new MessageToSign(sim.random32(), KeyTweak.none())),
                        "test",
                        Bytes.EMPTY);
        SigningRequest ours = sim.request(bob, 1, Duration.ofMinutes(30));
        alice.die();
        Journal journal = Journal.open(alice.file, _ -> {});
        for (SigningRequest request : List.of(old, ours)) {
            Bytes envelope = bob.envelopeSigner().sign(request).envelope();
            journal.append(List.of(new JournalRecord.Ready(request.sessionId(), 1, 0, envelope)));
        }
        journal.force();
        alice.start();
        assertThat(alice.engine().liveSessions())
                .extracting(session -> session.id())
                .containsExactly(ours.sessionId());
    }

    @Test
    void sessionThatExpiredBeforeTheRestartIsNotResumed() {
        bob.approval = _ -> null;
        sim.ask(alice, 1);
        sim.settle();
        alice.die();
        sim.now = sim.now.plus(Duration.ofMinutes(31));
        alice.start();
        assertThat(alice.engine().liveSessions()).isEmpty();
    }
}
