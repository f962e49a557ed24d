package org.tutti.benchmarks.musig;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.AggregateNonce;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.NonceGenerator;
import org.tutti.musig.musig.NoncePair;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;
import org.tutti.musig.musig.SigningSession;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/// n signers that have done both rounds once: the data for the measured operations.
final class Group implements AutoCloseable {
    final SecureRandom random = new SecureRandom();
    final Bytes message;
    final List<SecretKey> secrets = new ArrayList<>();
    final List<PublicKey> keys;
    final KeyAggContext context;
    final List<PublicNonce> nonces = new ArrayList<>();
    final AggregateNonce aggregateNonce;
    final SigningSession session;
    final List<PartialSignature> partials = new ArrayList<>();

    Group(int signers) {
        message = bytes(32);
        for (int i = 0; i < signers; i++) {
            secrets.add(SecretKey.generate(random));
        }
        secrets.sort((one, other) -> one.publicKey().compareTo(other.publicKey()));
        keys = KeySort.sort(secrets.stream().map(SecretKey::publicKey).toList());
        context = KeyAggContext.of(keys);
        List<NoncePair> pairs = new ArrayList<>();
        for (SecretKey secret : secrets) {
            NoncePair pair = nonce(secret);
            pairs.add(pair);
            nonces.add(pair.pub());
        }
        aggregateNonce = AggregateNonce.of(nonces);
        session = SigningSession.of(context, aggregateNonce, message);
        for (int i = 0; i < signers; i++) {
            partials.add(session.sign(pairs.get(i).secret(), secrets.get(i)));
        }
    }

    NoncePair nonce(SecretKey secret) {
        return NonceGenerator.generate(
                secret, secret.publicKey(), context, message, message, random);
    }

    Bytes bytes(int count) {
        byte[] out = new byte[count];
        random.nextBytes(out);
        return Bytes.wrap(out);
    }

    @Override
    public void close() {
        secrets.forEach(SecretKey::close);
    }
}
