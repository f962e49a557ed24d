package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class TwoRoundsTest {
    private static final Bytes MESSAGE = Bytes.wrap(new byte[32]);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 17, 100})
    void everySignersPartialHoldsAndTheSumIsASignatureUnderTheTaprootKey(int signers) {
        SecureRandom random = new SecureRandom();
        List<SecretKey> secrets = new ArrayList<>();
        for (int i = 0; i < signers; i++) {
            secrets.add(SecretKey.generate(random));
        }
        List<PublicKey> keys = KeySort.sort(secrets.stream().map(SecretKey::publicKey).toList());
        KeyAggContext context = KeyAggContext.of(keys).withTapTweak(Optional.empty());
        List<NoncePair> nonces = new ArrayList<>();
        for (SecretKey secret : secrets) {
            nonces.add(
                    NonceGenerator.generate(
                            secret, secret.publicKey(), context, MESSAGE, Bytes.EMPTY, random));
        }
        AggregateNonce aggregate = AggregateNonce.of(nonces.stream().map(NoncePair::pub).toList());
        SigningSession session = SigningSession.of(context, aggregate, MESSAGE);
        List<PartialSignature> partials = new ArrayList<>();
        for (int i = 0; i < signers; i++) {
            SecretKey secret = secrets.get(i);
            PartialSignature partial = session.sign(nonces.get(i).secret(), secret);
            assertThat(session.verify(partial, nonces.get(i).pub(), secret.publicKey())).isTrue();
            partials.add(partial);
        }
        SchnorrSignature signature = session.aggregate(partials);
        assertThat(Schnorr.verify(context.xOnlyKey(), MESSAGE.toArray(), signature)).isTrue();
        secrets.forEach(SecretKey::close);
    }
}
