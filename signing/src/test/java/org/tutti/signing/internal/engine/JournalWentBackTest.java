package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What others remember of a signer's journal across backups, restarts and changes of the group
/// (see also the journals in [BadInputTest]).
class JournalWentBackTest extends GroupWithMallory {
    JournalWentBackTest() {
        super(41);
    }

    /// Signs one session, then restores her journal from before it.
    private void malloryRestoresABackup() {
        MemoryJournalFiles backup = mallory.file.backup();
        sim.ask(alice, 1);
        sim.settle();
        mallory.die();
        mallory.file = backup;
        mallory.start();
        sim.settle();
        sim.nodes.forEach(node -> node.outcomes.clear());
    }

    private void restartFromWhatIsWritten(SimNode node) {
        // The process is killed, not the machine: what was written is still there.
        MemoryJournalFiles written = node.file.backup();
        node.die();
        node.file = written;
        node.start();
    }

    @Test
    void nodeWhoseJournalWentBackIsShownItAndSignsNothingAnyMore() {
        malloryRestoresABackup();
        assertThat(mallory.stopped).isEqualTo("JOURNAL_WENT_BACK");
        SessionId id = sim.ask(alice, 1);
        sim.run();
        for (SimNode honest : List.of(alice, bob)) {
            assertThat(honest.outcomes.get(id)).isInstanceOf(SessionOutcome.Refused.class);
            assertThat(honest.evidence).as("nobody is convicted").isEmpty();
            assertThat(honest.stopped).isEmpty();
        }
        assertThat(sim.watch.signatures()).as("of the first session alone").isEqualTo(3);
    }

    @Test
    void restartDoesNotMakeSuchAJournalGood() {
        malloryRestoresABackup();
        restartFromWhatIsWritten(mallory);
        assertThat(mallory.stopped).isEqualTo("JOURNAL_WENT_BACK");
        assertThat(mallory.engine().liveSessions()).isEmpty();
    }

    @Test
    void journalThatWentBackAndGrewAgainIsSeenToo() {
        MemoryJournalFiles backup = mallory.file.backup();
        sim.ask(alice, 1);
        sim.settle();
        mallory.die();
        mallory.file = backup;
        // Every start is an entry: after some she has as many as before.
        for (int i = 0; i < 5; i++) {
            sim.disconnectAll(mallory);
            mallory.startAlone();
            restartAlone(mallory);
        }
        mallory.die();
        mallory.start();
        sim.settle();
        assertThat(mallory.stopped).isEqualTo("JOURNAL_WENT_BACK");
    }

    private static void restartAlone(SimNode node) {
        MemoryJournalFiles written = node.file.backup();
        node.die();
        node.file = written;
    }

    @Test
    void whatIsRememberedOfOthersSurvivesARestart() {
        MemoryJournalFiles backup = mallory.file.backup();
        sim.ask(alice, 1);
        sim.settle();
        mallory.die();
        restartFromWhatIsWritten(alice);
        restartFromWhatIsWritten(bob);
        mallory.file = backup;
        mallory.start();
        sim.settle();
        assertThat(mallory.stopped).isEqualTo("JOURNAL_WENT_BACK");
    }

    @Test
    void nobodyIsReadyBeforeAllHaveSaidHello() {
        sim.tamper(
                bob,
                (_, message) ->
                        message instanceof Inbound.Greeting
                                ? List.of()
                                : List.of(message.envelope()));
        restartFromWhatIsWritten(alice);
        SessionId id = sim.ask(alice, 1);
        sim.run();
        assertThat(alice.outcomes.get(id))
                .isInstanceOfSatisfying(
                        SessionOutcome.Aborted.class,
                        aborted -> {
                            assertThat(aborted.code()).isEqualTo("NO_ANSWER");
                            assertThat(aborted.observed()).containsExactly(bob.member);
                        });
        assertThat(sim.watch.generated()).isZero();
    }

    @Test
    void inventedOrForeignStatementsShowNothing() {
        sim.ask(alice, 1);
        sim.settle();
        for (Optional<Inbound.Statement> shown :
                List.of(
                        Optional.of(headOf(bob)),
                        Optional.of(
                                alice.envelopeSigner()
                                        .sign(
                                                new SessionId(sim.random32()),
                                                1,
                                                new Contribution.Refuse("NO", "no"))),
                        Optional.<Inbound.Statement>empty())) {
            alice.handle(new EngineInput.Received(sim.hello(mallory, shown)));
            assertThat(alice.stopped).isEmpty();
        }
        Inbound.Greeting own = sim.hello(mallory, Optional.of(headOf(alice)));
        alice.handle(new EngineInput.Received(own));
        assertThat(alice.stopped).isEqualTo("JOURNAL_WENT_BACK");
    }

    /// A head that its journal does not have.
    private Inbound.Statement headOf(SimNode node) {
        return node.envelopeSigner()
                .sign(
                        new SessionId(sim.random32()),
                        1,
                        new Contribution.Ready(
                                node.attestation(), TestJournals.head(999, sim.random32())));
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
        Journal journal = TestJournals.open(alice.file);
        for (SigningRequest request : List.of(old, ours)) {
            Bytes envelope = bob.envelopeSigner().sign(request).envelope();
            journal.append(
                    sim.group.id(),
                    List.of(
                            new JournalRecord.Ready(
                                    request.sessionId(),
                                    1,
                                    0,
                                    envelope,
                                    Hold.NONE,
                                    Long.MAX_VALUE)));
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
