package org.tutti.benchmarks.musig;

import org.tutti.benchmarks.musig.Comparison.TimedOperation;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.musig.AggregateNonce;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.NoncePair;
import org.tutti.musig.musig.SecretNonce;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.util.ArrayList;
import java.util.List;

/// The public operations, as an application calls them.
final class OurOperations {
    private final Group group;
    private final SecretKey own;

    // Results go here, so that none of them is optimised away.
    Object sink = "";

    OurOperations(Group group) {
        this.group = group;
        this.own = group.secrets.getFirst();
    }

    private interface Operation {
        Object run();
    }

    private TimedOperation timed(Operation operation) {
        return new TimedOperation() {
            @Override
            public void prepare(int runs) {}

            @Override
            public void run(int index) {
                sink = operation.run();
            }
        };
    }

    TimedOperation aggregateKeys() {
        return timed(() -> KeyAggContext.of(group.keys));
    }

    TimedOperation aggregateNonces() {
        return timed(() -> AggregateNonce.of(group.nonces));
    }

    TimedOperation aggregatePartials() {
        return timed(() -> group.session.aggregate(group.partials));
    }

    TimedOperation verifyPartial() {
        return timed(() ->
                group.session.verify(
                        group.partials.getFirst(), group.nonces.getFirst(), own.publicKey()));
    }

    TimedOperation signSchnorr() {
        byte[] message = group.message.toArray();
        return timed(() -> Schnorr.sign(own, message, message));
    }

    TimedOperation verifySchnorr() {
        byte[] message = group.message.toArray();
        SchnorrSignature signature = Schnorr.sign(own, message, message);
        XOnlyPublicKey key = own.publicKey().xOnly();
        return timed(() -> Schnorr.verify(key, message, signature));
    }

    TimedOperation generateNonce() {
        List<NoncePair> made = new ArrayList<>();
        return new TimedOperation() {
            @Override
            public void prepare(int runs) {}

            @Override
            public void run(int index) {
                made.add(group.nonce(own));
            }

            @Override
            public void cleanUp() {
                made.forEach(pair -> pair.secret().close());
                made.clear();
            }
        };
    }

    TimedOperation signPartial() {
        List<SecretNonce> nonces = new ArrayList<>();
        return new TimedOperation() {
            @Override
            public void prepare(int runs) {
                nonces.clear();
                for (int i = 0; i < runs; i++) {
                    nonces.add(group.nonce(own).secret());
                }
            }

            @Override
            public void run(int index) {
                sink = group.session.sign(nonces.get(index), own);
            }
        };
    }
}
