package org.tutti.lightclient.peers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.connection.DisconnectReason.Code;
import org.tutti.lightclient.peers.PeerManager.Fault;
import org.tutti.lightclient.peers.PeerManager.Source;
import org.tutti.lightclient.peers.PeerManager.State;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;

class PeerManagerTest {
    private static final PeerAddress ALICE = new PeerAddress("alice", 1);
    private static final PeerAddress BOB = new PeerAddress("bob", 1);
    private static final PeerAddress CAROL = new PeerAddress("carol", 1);
    private static final Duration LIVED = Duration.ofMinutes(1);
    private static final Duration BAN = Duration.ofMinutes(10);
    private static final Duration MAX = Duration.ofSeconds(10);

    private Instant now = Instant.ofEpochSecond(1_800_000_000L);

    private static PeerManager manager(int connections, PeerAddress... addresses) {
        PeerManager manager =
                new PeerManager(
                        new PeerManager.Settings(
                                connections, Duration.ofMillis(200), MAX, LIVED, BAN),
                        new SplittableRandom(1));
        for (PeerAddress address : addresses) {
            assertThat(manager.add(address, Source.CONFIGURED)).isTrue();
        }
        return manager;
    }

    private static DisconnectReason reason(Code code) {
        return new DisconnectReason(code, "");
    }

    private List<PeerAddress> after(PeerManager manager, Duration time) {
        now = now.plus(time);
        return manager.due(now);
    }

    @Test
    void asManyAreDialledAsThereArePlacesAndEachOnce() {
        PeerManager manager = manager(2, ALICE, BOB, CAROL);
        assertThat(manager.due(now)).containsExactly(ALICE, BOB);
        assertThat(manager.due(now)).isEmpty();
        manager.ended("alice:1", reason(Code.UNREACHABLE), now);
        assertThat(manager.due(now)).containsExactly(CAROL);
        assertThat(manager.add(ALICE, Source.CONFIGURED)).isTrue();
        assertThat(manager.endpoints()).hasSize(3);
    }

    @Test
    void whoIsNoLongerNamedIsForgottenOnceItsConnectionHasEnded() {
        PeerManager manager = manager(2, ALICE, BOB);
        assertThat(manager.due(now)).containsExactly(ALICE, BOB);
        manager.connected("alice:1", now);
        manager.configure(List.of(BOB, CAROL), 2);
        assertThat(manager.isLeft("alice:1")).isTrue();
        assertThat(manager.isLeft("bob:1")).isFalse();
        assertThat(manager.due(now)).isEmpty();
        manager.ended("alice:1", reason(Code.SHUTDOWN), now);
        assertThat(manager.isLeft("alice:1")).isFalse();
        assertThat(manager.due(now)).containsExactly(CAROL);
        assertThat(manager.endpoints()).hasSize(2);
        assertThat(after(manager, MAX)).isEmpty();
    }

    @Test
    void whoIsNamedAgainBeforeItsConnectionEndedStaysAsItWas() {
        PeerManager manager = manager(1, ALICE);
        assertThat(manager.due(now)).containsExactly(ALICE);
        manager.penalise("alice:1", Fault.LOW_WORK);
        manager.configure(List.of(BOB), 1);
        manager.configure(List.of(ALICE), 1);
        assertThat(manager.isLeft("alice:1")).isFalse();
        assertThat(manager.penalty("alice:1")).isEqualTo(4);
        assertThat(manager.endpoints()).hasSize(1);
    }

    @Test
    void moreNamesMakeMorePlaces() {
        PeerManager manager = manager(1, ALICE);
        assertThat(manager.due(now)).containsExactly(ALICE);
        manager.configure(List.of(ALICE, BOB, CAROL), 3);
        assertThat(manager.due(now)).containsExactly(BOB, CAROL);
    }

    @Test
    void whoHasLessAgainstItIsDialledFirst() {
        PeerManager manager = manager(1, ALICE, BOB);
        manager.penalise("alice:1", Fault.LOW_WORK);
        assertThat(manager.due(now)).containsExactly(BOB);
        manager.reward("alice:1");
        assertThat(manager.penalty("alice:1")).isEqualTo(2);
    }

    @Test
    void theWaitIsDoubledAndOnlyAConnectionThatLivedResetsIt() {
        PeerManager manager = manager(1, BOB);
        for (int i = 0; i < 10; i++) {
            assertThat(after(manager, MAX)).containsExactly(BOB);
            manager.connected("bob:1", now);
            now = now.plus(LIVED.minusMillis(1));
            manager.ended("bob:1", reason(Code.CLOSED), now);
        }
        assertThat(after(manager, Duration.ofMillis(200))).isEmpty();
        assertThat(after(manager, MAX)).containsExactly(BOB);
        manager.connected("bob:1", now);
        now = now.plus(LIVED);
        manager.ended("bob:1", reason(Code.CLOSED), now);
        assertThat(after(manager, Duration.ofMillis(200))).containsExactly(BOB);
    }

    @Test
    void onlyWhatIsProvenBansAndNobodyForEver() {
        for (Code code : Code.values()) {
            PeerManager manager = manager(1, BOB);
            manager.due(now);
            manager.connected("bob:1", now);
            manager.ended("bob:1", reason(code), now);
            boolean banned = manager.endpoints().getFirst().state() == State.BANNED;
            assertThat(banned).as(code.name()).isEqualTo(code.isMisbehaviour());
            assertThat(after(manager, MAX).isEmpty()).as(code.name()).isEqualTo(banned);
            now = now.plus(BAN);
            assertThat(after(manager, MAX).isEmpty()).as(code.name()).isEqualTo(!banned);
        }
        for (Code silent :
                List.of(
                        Code.SILENT,
                        Code.CLOSED,
                        Code.BLOCK_STALLED,
                        Code.UNREACHABLE,
                        Code.HANDSHAKE_TIMEOUT,
                        Code.NO_ANSWER,
                        Code.OUR_FAILURE)) {
            assertThat(silent.isMisbehaviour()).as(silent.name()).isFalse();
        }
    }

    @Test
    void endpointsAreBounded() {
        PeerManager manager = manager(1);
        for (int i = 0; i < PeerManager.MAX_ENDPOINTS; i++) {
            assertThat(manager.add(new PeerAddress("p" + i, 1), Source.CONFIGURED)).isTrue();
        }
        assertThat(manager.add(BOB, Source.CONFIGURED)).isFalse();
        for (int i = 0; i < 1_000; i++) {
            manager.penalise("p0:1", Fault.LOW_WORK);
        }
        assertThat(manager.penalty("p0:1")).isEqualTo(1_000);
    }

    @Test
    void aFirstAttemptThatIsUnderWayIsStillUntried() {
        PeerManager manager = manager(1, BOB);
        assertThat(manager.hasUntried()).isTrue();
        manager.due(now);
        assertThat(manager.hasUntried()).isTrue();
        manager.connected("bob:1", now);
        assertThat(manager.hasUntried()).isFalse();
        manager.ended("bob:1", reason(Code.CLOSED), now);
        assertThat(manager.hasUntried()).isFalse();
    }
}
