package org.tutti.musig.internal.secp256k1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Zeroed and foreign opaque structures end a process whose libsecp256k1 has its own
/// illegal-argument callback. With ours each call says no.
class MalformedBlobsTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment key = arena.allocate(Sizes.PUBLIC_KEY);
    private final MemorySegment xOnly = arena.allocate(Sizes.XONLY_KEY);
    private final MemorySegment cache = arena.allocate(Sizes.KEYAGG_CACHE);
    private final MemorySegment session = arena.allocate(Sizes.SESSION);
    private final MemorySegment secretNonce = arena.allocate(Sizes.SECRET_NONCE);
    private final MemorySegment publicNonce = arena.allocate(Sizes.PUBLIC_NONCE);
    private final MemorySegment aggregateNonce = arena.allocate(Sizes.AGGREGATE_NONCE);
    private final MemorySegment partial = arena.allocate(Sizes.PARTIAL_SIGNATURE);
    private final MemorySegment keypair = arena.allocate(Sizes.KEYPAIR);
    private final MemorySegment bytes32 = arena.allocate(32);
    private final MemorySegment bytes66 = arena.allocate(66);
    private final MemorySegment pointers = arena.allocate(8, 8);

    @AfterEach
    void free() {
        arena.close();
    }

    /// A valid key pair, nonce and cache.
    private void makeGoodOnes() {
        bytes32.set(ValueLayout.JAVA_BYTE, 31, (byte) 9);
        assertThat(LibSecp256k1.createKeypair(keypair, bytes32)).isTrue();
        assertThat(LibSecp256k1.keypairPublicKey(key, keypair)).isTrue();
        pointers.set(ValueLayout.ADDRESS, 0, key);
        assertThat(LibSecp256k1.aggregateKeys(xOnly, cache, pointers, 1)).isTrue();
        assertThat(
                        LibSecp256k1.generateNonce(
                                secretNonce,
                                publicNonce,
                                arena.allocateFrom(ValueLayout.JAVA_BYTE, new byte[32])
                                        .fill((byte) 1),
                                bytes32,
                                key,
                                MemorySegment.NULL,
                                MemorySegment.NULL,
                                MemorySegment.NULL))
                .isTrue();
        pointers.set(ValueLayout.ADDRESS, 0, publicNonce);
        assertThat(LibSecp256k1.aggregateNonces(aggregateNonce, pointers, 1)).isTrue();
        assertThat(LibSecp256k1.processNonce(session, aggregateNonce, bytes32, cache)).isTrue();
    }

    @Test
    void aBlankCacheHasNoKeyTakesNoTweakAndMakesNoSession() {
        assertThat(LibSecp256k1.aggregateKey(key, cache)).isFalse();
        assertThat(LibSecp256k1.plainTweak(MemorySegment.NULL, cache, bytes32)).isFalse();
        assertThat(LibSecp256k1.xOnlyTweak(MemorySegment.NULL, cache, bytes32)).isFalse();
        assertThat(LibSecp256k1.processNonce(session, aggregateNonce, bytes32, cache)).isFalse();
    }

    @Test
    void aBlankCacheMakesNoNonce() {
        makeGoodOnes();
        cache.fill((byte) 0);
        MemorySegment random = arena.allocate(32).fill((byte) 1);
        assertThat(
                        LibSecp256k1.generateNonce(
                                secretNonce,
                                publicNonce,
                                random,
                                bytes32,
                                key,
                                bytes32,
                                cache,
                                bytes32))
                .isFalse();
    }

    @Test
    void aBlankSessionSignsNothingVerifiesNothingAndAddsUpNothing() {
        makeGoodOnes();
        session.fill((byte) 0);
        assertThat(LibSecp256k1.signPartial(partial, secretNonce, keypair, cache, session))
                .isFalse();
        bytes32.fill((byte) 1);
        assertThat(LibSecp256k1.parsePartial(partial, bytes32)).isTrue();
        assertThat(LibSecp256k1.verifyPartial(partial, publicNonce, key, cache, session)).isFalse();
        pointers.set(ValueLayout.ADDRESS, 0, partial);
        assertThat(LibSecp256k1.aggregatePartials(bytes66, session, pointers, 1)).isFalse();
    }

    @Test
    void aBlankCacheSignsNothingAndTheNonceIsGone() {
        makeGoodOnes();
        cache.fill((byte) 0);
        assertThat(LibSecp256k1.signPartial(partial, secretNonce, keypair, cache, session))
                .isFalse();
        assertThat(Scratch.get(secretNonce, Sizes.SECRET_NONCE)).containsOnly(0);
    }

    @Test
    void aNonceSignsOnceInTheLibraryToo() {
        makeGoodOnes();
        assertThat(LibSecp256k1.signPartial(partial, secretNonce, keypair, cache, session))
                .isTrue();
        assertThat(LibSecp256k1.signPartial(partial, secretNonce, keypair, cache, session))
                .isFalse();
    }

    @Test
    void blankNoncesKeysAndPartialsAreRefused() {
        makeGoodOnes();
        MemorySegment blank = arena.allocate(256);
        assertThat(LibSecp256k1.serializePublicNonce(bytes66, blank)).isFalse();
        assertThat(LibSecp256k1.serializeAggregateNonce(bytes66, blank)).isFalse();
        assertThat(LibSecp256k1.serializePartial(bytes32, blank)).isFalse();
        pointers.set(ValueLayout.ADDRESS, 0, blank);
        assertThat(LibSecp256k1.aggregateNonces(aggregateNonce, pointers, 1)).isFalse();
        assertThat(LibSecp256k1.aggregatePartials(bytes66, session, pointers, 1)).isFalse();
        assertThat(LibSecp256k1.aggregateKeys(xOnly, cache, pointers, 1)).isFalse();
        assertThat(LibSecp256k1.verifyPartial(blank, publicNonce, key, cache, session)).isFalse();
        assertThat(LibSecp256k1.verifyPartial(partial, blank, key, cache, session)).isFalse();
        assertThat(LibSecp256k1.signPartial(partial, blank, keypair, cache, session)).isFalse();
        assertThat(LibSecp256k1.verifySchnorr(bytes66.asSlice(0, 64), bytes32, blank)).isFalse();
        assertThat(LibSecp256k1.serializeXOnlyKey(bytes32, blank)).isFalse();
    }

    @Test
    void aBlankKeyPairSignsNothing() {
        makeGoodOnes();
        MemorySegment blank = arena.allocate(Sizes.KEYPAIR);
        assertThat(LibSecp256k1.signPartial(partial, secretNonce, blank, cache, session)).isFalse();
        MemorySegment extra = ExtraParams.write(arena.allocate(24, 8), MemorySegment.NULL);
        assertThat(LibSecp256k1.signSchnorr(bytes66, bytes32, blank, extra)).isFalse();
        MemorySegment wrongMagic = arena.allocate(24, 8);
        assertThat(LibSecp256k1.signSchnorr(bytes66, bytes32, keypair, wrongMagic)).isFalse();
    }

    @Test
    void aNullPointerIsRefused() {
        assertThatThrownBy(() -> LibSecp256k1.aggregateKey(key, MemorySegment.NULL))
                .isInstanceOf(IllegalArgumentException.class);
        pointers.set(ValueLayout.JAVA_LONG, 0, 0);
        assertThat(LibSecp256k1.aggregateNonces(aggregateNonce, pointers, 1)).isFalse();
        assertThat(LibSecp256k1.aggregateNonces(aggregateNonce, pointers, 0)).isFalse();
    }

    /// The callback runs on the thread of the call: good calls beside bad ones are not disturbed.
    @Test
    void refusalsAreTheCallersOwnOnManyThreads() throws Exception {
        List<Future<Boolean>> outcomes = new ArrayList<>();
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 32; i++) {
                boolean good = i % 2 == 0;
                outcomes.add(pool.submit(() -> answersAlike(good)));
            }
        }
        for (Future<Boolean> outcome : outcomes) {
            assertThat(outcome.get()).isTrue();
        }
    }

    private static boolean answersAlike(boolean good) {
        try (Arena own = Arena.ofConfined()) {
            MemorySegment parsed = own.allocate(Sizes.PARTIAL_SIGNATURE);
            MemorySegment out = own.allocate(32);
            if (good && !LibSecp256k1.parsePartial(parsed, out)) {
                return false;
            }
            for (int i = 0; i < 500; i++) {
                if (LibSecp256k1.serializePartial(out, parsed) != good) {
                    return false;
                }
            }
            return true;
        }
    }

    @Test
    void segmentsThatAreTooShortNeverCross() {
        MemorySegment tooShort = arena.allocate(31);
        assertThatThrownBy(() -> LibSecp256k1.createKeypair(keypair, tooShort))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32 bytes, not 31");
        assertThatThrownBy(() -> LibSecp256k1.aggregateNonces(aggregateNonce, pointers, 2))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        LibSecp256k1.parsePublicNonce(
                                publicNonce, arena.allocate(PUBLIC_NONCE_BYTES - 1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static final int PUBLIC_NONCE_BYTES = 66;
}
