package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.internal.swarm.PendingConnections.Evicted;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

class PendingConnectionsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long LONGEST = 16 * SECOND;

    private static Evicted<String> full(String connection, String limit) {
        return new Evicted<>(connection, Optional.of(limit));
    }

    @Test
    void theOldestOfWhoeverHasMostMakesRoom() {
        PendingConnections<String> table = new PendingConnections<>(4, 4, LONGEST, _ -> true);
        table.admit("a1", "alice", 0);
        table.admit("m1", "mallory", 1);
        table.admit("m2", "mallory", 2);
        table.admit("m3", "mallory", 3);
        assertThat(table.admit("b1", "bob", 4))
                .containsExactly(full("m1", "maxPendingConnections"));
        assertThat(table.admit("m4", "mallory", 5))
                .containsExactly(full("m2", "maxPendingConnections"));
        assertThat(table.all()).containsExactly("a1", "m3", "b1", "m4");
    }

    @Test
    void whoHasReachedItsShareReplacesItsOwn() {
        PendingConnections<String> table = new PendingConnections<>(100, 2, LONGEST, _ -> true);
        table.admit("m1", "mallory", 0);
        table.admit("m2", "mallory", 1);
        assertThat(table.admit("m3", "mallory", 2))
                .containsExactly(full("m1", "maxPendingConnectionsPerHost"));
        assertThat(table.total()).isEqualTo(2);
    }

    @Test
    void whenAllHaveOneTheOldestGoes() {
        PendingConnections<String> table = new PendingConnections<>(3, 3, LONGEST, _ -> true);
        table.admit("1", "a", 0);
        table.admit("2", "b", 1);
        table.admit("3", "c", 2);
        assertThat(table.admit("4", "d", 3)).containsExactly(full("1", "maxPendingConnections"));
    }

    @Test
    void theFullerTheTableTheLessTimeIsLeft() {
        PendingConnections<String> table = new PendingConnections<>(8, 8, LONGEST, _ -> true);
        for (int i = 0; i < 4; i++) {
            assertThat(table.admit("c" + i, "h" + i, 0)).isEmpty();
            assertThat(table.patience()).isEqualTo(LONGEST);
        }
        long before = table.patience();
        for (int i = 4; i < 8; i++) {
            table.admit("c" + i, "h" + i, SECOND);
            assertThat(table.patience()).isLessThan(before);
            before = table.patience();
        }
        assertThat(before).isEqualTo(LONGEST / 8);
        table.release("c7");
        // The four oldest have been there for longer than a table of eight waits.
        assertThat(table.admit("c8", "h8", 2 * SECOND))
                .extracting(Evicted::connection)
                .containsExactly("c0", "c1", "c2", "c3");
        assertThat(table.patience()).isEqualTo(LONGEST);
    }

    @Test
    void whoeverGetsOnIsNotPushedOutByThoseThatSayNothing() {
        Set<String> speaking = new HashSet<>();
        PendingConnections<String> table =
                new PendingConnections<>(8, 8, LONGEST, c -> !speaking.contains(c));
        table.admit("honest", "alice", 0);
        speaking.add("honest");
        for (int i = 0; i < 1_000; i++) {
            table.admit("m" + i, "mallory" + i, 0);
        }
        assertThat(table.total()).isEqualTo(8);
        assertThat(table.release("honest")).isTrue();
    }

    @Test
    void thoseThatSpeakAndStopKeepNoNewcomerFromSpeaking() {
        Set<String> speaking = new HashSet<>();
        PendingConnections<String> table =
                new PendingConnections<>(8, 8, LONGEST, c -> !speaking.contains(c));
        for (int i = 0; i < 1_000; i++) {
            table.admit("m" + i, "mallory" + i, 0);
            speaking.add("m" + i);
        }
        table.admit("honest", "alice", 0);
        for (int i = 0; i < 3; i++) {
            table.admit("n" + i, "mallory" + i, 0);
        }
        assertThat(table.release("honest")).isTrue();
    }

    @Test
    void whoWasEvictedIsNotReleasedAgain() {
        PendingConnections<String> table = new PendingConnections<>(1, 1, LONGEST, _ -> true);
        table.admit("1", "a", 0);
        table.admit("2", "b", 0);
        assertThat(table.release("1")).isFalse();
        assertThat(table.release("2")).isTrue();
        assertThat(table.total()).isZero();
        assertThat(table.evictOne("x", 0)).isEmpty();
    }

    /// It sends its first bytes only when as many others have come as there is room for, ten times.
    @Test
    void whoComesOnceIsNotPushedOutByAddressesThatComeAgainAndAgain() {
        PendingConnections<String> table = new PendingConnections<>(64, 16, LONGEST, _ -> true);
        for (int i = 0; i < 5_000; i++) {
            table.admit("m" + i, "mallory" + i % 800, i);
        }
        table.admit("honest", "alice", 5_000);
        for (int i = 5_000; i < 5_640; i++) {
            table.admit("m" + i, "mallory" + i % 800, i);
        }
        assertThat(table.release("honest")).isTrue();
        assertThat(table.total()).isEqualTo(63);
    }

    @Test
    void whatAHostHadToLetGoIsForgottenInTime() {
        HostScores scores = new HostScores();
        assertThat(scores.of("mallory", 0)).isZero();
        for (int i = 0; i < 100; i++) {
            scores.raise("mallory", 0);
        }
        assertThat(scores.of("mallory", 0)).isEqualTo(HostScores.MAX_SCORE);
        assertThat(scores.of("mallory", 10 * SECOND)).isEqualTo(HostScores.MAX_SCORE / 2);
        assertThat(scores.of("mallory", 1_000 * SECOND)).isZero();
        for (int i = 0; i < 10_000; i++) {
            scores.raise("m" + i, SECOND);
        }
        assertThat(scores.of("mallory", SECOND)).isZero();
        assertThat(scores.of("m9999", SECOND)).isEqualTo(1);
    }

    @Test
    void anHonestConnectionStaysBesideFloodsFromManyAddressesForAsLongAsATableIsFilled() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        PendingConnections<String> table = new PendingConnections<>(256, 64, LONGEST, _ -> true);
        // Four addresses, and then as many as there is room for.
        for (int addresses : List.of(4, 255, 100_000)) {
            for (int i = 0; i < 1_000; i++) {
                table.admit(addresses + "m" + i, "mallory" + random.nextInt(addresses), 0);
            }
            table.admit(addresses + "honest", "alice" + addresses, 0);
            for (int i = 0; i < 200; i++) {
                table.admit(addresses + "n" + i, "mallory" + random.nextInt(addresses), 0);
            }
            assertThat(table.release(addresses + "honest")).isTrue();
        }
    }
}
