package org.tutti.benchmarks.musig;

import org.tutti.base.Bytes;
import org.tutti.benchmarks.musig.Comparison.TimedOperation;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;
import org.tutti.musig.secp256k1.ExtraParams;
import org.tutti.musig.secp256k1.LibSecp256k1;
import org.tutti.musig.secp256k1.Sizes;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// The bare native calls: one downcall each, all arguments parsed and laid out beforehand.
final class BareCalls implements AutoCloseable {
    private static final int NONCE_STRIDE = 136;

    private final Arena arena = Arena.ofConfined();
    private final int n;
    private final MemorySegment keyPointers;
    private final MemorySegment noncePointers;
    private final MemorySegment partialPointers;
    private final MemorySegment message;
    private final MemorySegment secretKey;
    private final MemorySegment keypair = arena.allocate(Sizes.KEYPAIR);
    private final MemorySegment ownKey = arena.allocate(Sizes.PUBLIC_KEY);
    private final MemorySegment ownXOnlyKey = arena.allocate(Sizes.XONLY_KEY);
    private final MemorySegment aggregateXOnlyKey = arena.allocate(Sizes.XONLY_KEY);
    private final MemorySegment ownNonce;
    private final MemorySegment ownPartial;
    private final MemorySegment cache = arena.allocate(Sizes.KEYAGG_CACHE);
    private final MemorySegment aggregateNonce = arena.allocate(Sizes.AGGREGATE_NONCE);
    private final MemorySegment session = arena.allocate(Sizes.SESSION);
    private final MemorySegment out = arena.allocate(256);
    private final MemorySegment signature = arena.allocate(64);
    private final MemorySegment extra;
    private final Group group;

    BareCalls(Group group) {
        this.group = group;
        n = group.keys.size();
        message = copy(group.message);
        byte[] scalar = group.secrets.getFirst().export();
        secretKey = copy(Bytes.wrap(scalar));
        check(LibSecp256k1.createKeypair(keypair, secretKey));
        check(LibSecp256k1.keypairPublicKey(ownKey, keypair));
        PublicKey key = group.secrets.getFirst().publicKey();
        check(LibSecp256k1.parseXOnlyKey(ownXOnlyKey, copy(key.xOnly().bytes())));
        check(
                LibSecp256k1.parseXOnlyKey(
                        aggregateXOnlyKey, copy(group.context.xOnlyKey().bytes())));
        keyPointers = pointers(group.keys.stream().map(PublicKey::bytes).toList(), this::parseKey);
        noncePointers =
                pointers(group.nonces.stream().map(PublicNonce::bytes).toList(), this::parseNonce);
        partialPointers =
                pointers(
                        group.partials.stream().map(PartialSignature::bytes).toList(),
                        this::parsePartial);
        ownNonce = parseNonce(group.nonces.getFirst().bytes());
        ownPartial = parsePartial(group.partials.getFirst().bytes());
        check(LibSecp256k1.aggregateKeys(MemorySegment.NULL, cache, keyPointers, n));
        check(LibSecp256k1.aggregateNonces(aggregateNonce, noncePointers, n));
        check(LibSecp256k1.processNonce(session, aggregateNonce, message, cache));
        extra = ExtraParams.write(arena.allocate(24, 8), message);
        check(LibSecp256k1.signSchnorr(signature, message, keypair, extra));
    }

    private interface Parser {
        MemorySegment parse(Bytes bytes);
    }

    private MemorySegment pointers(List<Bytes> list, Parser parser) {
        MemorySegment pointers = arena.allocate((long) n * Sizes.POINTER, Sizes.POINTER);
        for (int i = 0; i < n; i++) {
            pointers.setAtIndex(ValueLayout.JAVA_LONG, i, parser.parse(list.get(i)).address());
        }
        return pointers;
    }

    private MemorySegment parseKey(Bytes bytes) {
        MemorySegment key = arena.allocate(Sizes.PUBLIC_KEY);
        check(LibSecp256k1.parsePublicKey(key, copy(bytes)));
        return key;
    }

    private MemorySegment parseNonce(Bytes bytes) {
        MemorySegment nonce = arena.allocate(Sizes.PUBLIC_NONCE);
        check(LibSecp256k1.parsePublicNonce(nonce, copy(bytes)));
        return nonce;
    }

    private MemorySegment parsePartial(Bytes bytes) {
        MemorySegment partial = arena.allocate(Sizes.PARTIAL_SIGNATURE);
        check(LibSecp256k1.parsePartial(partial, copy(bytes)));
        return partial;
    }

    private MemorySegment copy(Bytes bytes) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes.toArray());
    }

    private static void check(boolean ok) {
        if (!ok) {
            throw new IllegalStateException("a native call failed");
        }
    }

    /// A call that needs no preparation.
    private interface Call {
        boolean run();
    }

    private static TimedOperation timed(Call call) {
        return new TimedOperation() {
            @Override
            public void prepare(int runs) {}

            @Override
            public void run(int index) {
                check(call.run());
            }
        };
    }

    TimedOperation aggregateKeys() {
        return timed(() -> LibSecp256k1.aggregateKeys(MemorySegment.NULL, out, keyPointers, n));
    }

    TimedOperation aggregateNonces() {
        return timed(() -> LibSecp256k1.aggregateNonces(out, noncePointers, n));
    }

    /// With the verification of the sum, without which our operation gives no signature.
    TimedOperation aggregatePartials() {
        return timed(() ->
                LibSecp256k1.aggregatePartials(out, session, partialPointers, n)
                        && LibSecp256k1.verifySchnorr(out, message, aggregateXOnlyKey));
    }

    TimedOperation verifyPartial() {
        return timed(
                () -> LibSecp256k1.verifyPartial(ownPartial, ownNonce, ownKey, cache, session));
    }

    TimedOperation signSchnorr() {
        return timed(() -> LibSecp256k1.signSchnorr(out, message, keypair, extra));
    }

    TimedOperation verifySchnorr() {
        return timed(() -> LibSecp256k1.verifySchnorr(signature, message, ownXOnlyKey));
    }

    /// A call on a secret nonce of its own for each run.
    private abstract class OnNonces implements TimedOperation {
        private Arena batch = Arena.ofConfined();
        MemorySegment[] nonces = {};
        MemorySegment[] randoms = {};

        @Override
        public void prepare(int runs) {
            batch = Arena.ofConfined();
            nonces = new MemorySegment[runs];
            randoms = new MemorySegment[runs];
            for (int i = 0; i < runs; i++) {
                nonces[i] = batch.allocate(NONCE_STRIDE);
                randoms[i] = batch.allocateFrom(ValueLayout.JAVA_BYTE, group.bytes(32).toArray());
            }
        }

        boolean generate(int index) {
            return LibSecp256k1.generateNonce(
                    nonces[index], out, randoms[index], secretKey, ownKey, message, cache, message);
        }

        @Override
        public void cleanUp() {
            batch.close();
        }
    }

    TimedOperation generateNonce() {
        return new OnNonces() {
            @Override
            public void run(int index) {
                check(generate(index));
            }
        };
    }

    TimedOperation signPartial() {
        return new OnNonces() {
            @Override
            public void prepare(int runs) {
                super.prepare(runs);
                for (int i = 0; i < runs; i++) {
                    check(generate(i));
                }
            }

            @Override
            public void run(int index) {
                check(LibSecp256k1.signPartial(out, nonces[index], keypair, cache, session));
            }
        };
    }

    @Override
    public void close() {
        secretKey.fill((byte) 0);
        keypair.fill((byte) 0);
        arena.close();
    }
}
