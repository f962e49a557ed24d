package org.tutti.benchmarks.musig;

import org.tutti.base.Bytes;
import org.tutti.benchmarks.musig.Comparison.TimedOperation;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;

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
    private final MemorySegment keypair = arena.allocate(NativeFunctions.KEYPAIR);
    private final MemorySegment ownKey = arena.allocate(NativeFunctions.PUBLIC_KEY);
    private final MemorySegment ownXOnlyKey = arena.allocate(NativeFunctions.XONLY_KEY);
    private final MemorySegment aggregateXOnlyKey = arena.allocate(NativeFunctions.XONLY_KEY);
    private final MemorySegment ownNonce;
    private final MemorySegment ownPartial;
    private final MemorySegment cache = arena.allocate(NativeFunctions.KEYAGG_CACHE);
    private final MemorySegment aggregateNonce = arena.allocate(NativeFunctions.AGGREGATE_NONCE);
    private final MemorySegment session = arena.allocate(NativeFunctions.SESSION);
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
        check(NativeFunctions.createKeypair(keypair, secretKey));
        check(NativeFunctions.keypairPublicKey(ownKey, keypair));
        PublicKey key = group.secrets.getFirst().publicKey();
        check(NativeFunctions.parseXOnlyKey(ownXOnlyKey, copy(key.xOnly().bytes())));
        check(
                NativeFunctions.parseXOnlyKey(
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
        check(NativeFunctions.aggregateKeys(MemorySegment.NULL, cache, keyPointers, n));
        check(NativeFunctions.aggregateNonces(aggregateNonce, noncePointers, n));
        check(NativeFunctions.processNonce(session, aggregateNonce, message, cache));
        extra = extraParams(message);
        check(NativeFunctions.signSchnorr(signature, message, keypair, extra));
    }

    /// `secp256k1_schnorrsig_extraparams`: magic, padding, no nonce function, its data.
    private MemorySegment extraParams(MemorySegment auxiliary) {
        byte[] magic = {(byte) 0xda, 0x6f, (byte) 0xb3, (byte) 0x8c};
        MemorySegment params = arena.allocate(24, 8);
        MemorySegment.copy(magic, 0, params, ValueLayout.JAVA_BYTE, 0, magic.length);
        params.set(ValueLayout.JAVA_LONG, 16, auxiliary.address());
        return params;
    }

    private interface Parser {
        MemorySegment parse(Bytes bytes);
    }

    private MemorySegment pointers(List<Bytes> list, Parser parser) {
        MemorySegment pointers =
                arena.allocate((long) n * NativeFunctions.POINTER, NativeFunctions.POINTER);
        for (int i = 0; i < n; i++) {
            pointers.setAtIndex(ValueLayout.JAVA_LONG, i, parser.parse(list.get(i)).address());
        }
        return pointers;
    }

    private MemorySegment parseKey(Bytes bytes) {
        MemorySegment key = arena.allocate(NativeFunctions.PUBLIC_KEY);
        check(NativeFunctions.parsePublicKey(key, copy(bytes)));
        return key;
    }

    private MemorySegment parseNonce(Bytes bytes) {
        MemorySegment nonce = arena.allocate(NativeFunctions.PUBLIC_NONCE);
        check(NativeFunctions.parsePublicNonce(nonce, copy(bytes)));
        return nonce;
    }

    private MemorySegment parsePartial(Bytes bytes) {
        MemorySegment partial = arena.allocate(NativeFunctions.PARTIAL_SIGNATURE);
        check(NativeFunctions.parsePartial(partial, copy(bytes)));
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
        return timed(() -> NativeFunctions.aggregateKeys(MemorySegment.NULL, out, keyPointers, n));
    }

    TimedOperation aggregateNonces() {
        return timed(() -> NativeFunctions.aggregateNonces(out, noncePointers, n));
    }

    /// With the verification of the sum, without which our operation gives no signature.
    TimedOperation aggregatePartials() {
        return timed(() ->
                NativeFunctions.aggregatePartials(out, session, partialPointers, n)
                        && NativeFunctions.verifySchnorr(out, message, aggregateXOnlyKey));
    }

    TimedOperation verifyPartial() {
        return timed(
                () -> NativeFunctions.verifyPartial(ownPartial, ownNonce, ownKey, cache, session));
    }

    TimedOperation signSchnorr() {
        return timed(() -> NativeFunctions.signSchnorr(out, message, keypair, extra));
    }

    TimedOperation verifySchnorr() {
        return timed(() -> NativeFunctions.verifySchnorr(signature, message, ownXOnlyKey));
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
            return NativeFunctions.generateNonce(
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
                check(NativeFunctions.signPartial(out, nonces[index], keypair, cache, session));
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
