package org.tutti.musig.internal.secp256k1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class SecretTest {
    @Test
    void noMoreSecretsThanTheBoundAreAliveAtOnce() {
        SecretSlots slots = new SecretSlots(70, "test secrets", "close some");
        List<Secret> secrets = new ArrayList<>();
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; i < 70; i++) {
            Secret secret = new Secret(slots);
            secrets.add(secret);
            addresses.add(lend(secret).address());
        }
        assertThat(addresses).as("no two share memory").hasSize(70);
        assertThat(slots.live()).isEqualTo(70);
        assertThatThrownBy(() -> new Secret(slots))
                .isInstanceOf(SecretSlots.SlotsExhaustedException.class)
                .hasMessage("at most 70 test secrets may be alive at once: close some");
        secrets.get(33).close();
        new Secret(slots).close();
        secrets.forEach(Secret::close);
        secrets.forEach(Secret::close);
        assertThat(slots.live()).isZero();
    }

    private static MemorySegment lend(Secret secret) {
        MemorySegment slot = Objects.requireNonNull(secret.acquire());
        secret.release();
        return slot;
    }

    @Test
    void theLastReaderOfAClosedSecretWipesIt() {
        SecretSlots slots = new SecretSlots(64, "test secrets", "close some");
        Secret secret = new Secret(slots);
        MemorySegment slot = Objects.requireNonNull(secret.acquire());
        Objects.requireNonNull(secret.acquire());
        slot.fill((byte) 7);
        secret.close();
        assertThat(secret.acquire()).as("no new reader").isNull();
        assertThat(secret.consume()).isNull();
        secret.release();
        assertThat(slot.get(ValueLayout.JAVA_BYTE, 0)).as("one still reads").isEqualTo((byte) 7);
        assertThat(slots.live()).isEqualTo(1);
        secret.release();
        assertThat(Scratch.get(slot, SecretSlots.SLOT_BYTES)).containsOnly(0);
        assertThat(slots.live()).isZero();
    }

    @Test
    void aConsumedSecretIsNobodyElses() {
        SecretSlots slots = new SecretSlots(64, "test secrets", "close some");
        Secret secret = new Secret(slots);
        MemorySegment slot = Objects.requireNonNull(secret.consume());
        slot.fill((byte) 7);
        assertThat(secret.consume()).isNull();
        assertThat(secret.acquire()).isNull();
        secret.close();
        assertThat(slot.get(ValueLayout.JAVA_BYTE, 0))
                .as("its consumer has it")
                .isEqualTo((byte) 7);
        secret.consumed();
        assertThat(Scratch.get(slot, SecretSlots.SLOT_BYTES)).containsOnly(0);
        secret.close();
        assertThat(slots.live()).isZero();
    }

    @Test
    void aSecretThatIsClosedTwiceStaysClosed() {
        Secret secret = new Secret(new SecretSlots(64, "test secrets", "close some"));
        secret.close();
        secret.close();
        assertThat(secret.isClosed()).isTrue();
        assertThat(secret.acquire()).isNull();
        assertThat(secret.consume()).isNull();
    }

    @Test
    void aSecretThatIsReadCannotBeConsumed() {
        Secret secret = new Secret(new SecretSlots(64, "test secrets", "close some"));
        lend(secret);
        Objects.requireNonNull(secret.acquire());
        assertThat(secret.consume()).isNull();
        secret.release();
        assertThat(secret.consume()).isNotNull();
    }

    /// Every thread writes its own pattern to the slots it owns and must find nothing else there.
    @Test
    void threadsThatTakeAndGiveBackNeverShareASlot() throws Exception {
        SecretSlots slots = new SecretSlots(100, "test secrets", "close some");
        int threads = 4;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Boolean>> outcomes = new ArrayList<>();
            for (int t = 1; t <= threads; t++) {
                byte pattern = (byte) t;
                Callable<Boolean> worker = () -> ownsWhatItTakes(slots, pattern);
                outcomes.add(pool.submit(worker));
            }
            for (Future<Boolean> outcome : outcomes) {
                assertThat(outcome.get()).isTrue();
            }
        }
        assertThat(slots.live()).isZero();
    }

    private static boolean ownsWhatItTakes(SecretSlots slots, byte pattern) {
        for (int round = 0; round < 5_000; round++) {
            List<Secret> held = new ArrayList<>();
            for (int i = 0; i < 1 + round % 20; i++) {
                Secret secret = new Secret(slots);
                MemorySegment slot = lend(secret);
                if (slot.get(ValueLayout.JAVA_LONG, 0) != 0) {
                    return false;
                }
                slot.fill(pattern);
                held.add(secret);
            }
            for (Secret secret : held) {
                MemorySegment slot = Objects.requireNonNull(secret.consume());
                if (slot.get(ValueLayout.JAVA_BYTE, 100) != pattern) {
                    return false;
                }
                secret.consumed();
            }
        }
        return true;
    }

    @Test
    void aSlotIsGivenBackOnce() {
        SecretSlots slots = new SecretSlots(64, "test secrets", "close some");
        Secret secret = new Secret(slots);
        Objects.requireNonNull(secret.consume());
        secret.consumed();
        assertThatThrownBy(secret::consumed)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("twice");
        assertThat(slots.live()).isZero();
    }

    @Test
    void itsTextSaysNothing() {
        Secret secret = new Secret(new SecretSlots(64, "test secrets", "close some"));
        lend(secret).fill((byte) 0x5a);
        assertThat(secret.toString()).isEqualTo("Secret[redacted]").doesNotContain("5a5a");
        secret.close();
    }
}
