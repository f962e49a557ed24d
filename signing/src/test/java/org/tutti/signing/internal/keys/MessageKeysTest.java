package org.tutti.signing.internal.keys;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.Bip328;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.taproot.TapTweak;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

class MessageKeysTest {
    private static final Bytes HASH = Bytes.wrap(new byte[32]);
    private final KeyAggContext group = KeyAggContext.of(List.of(key(), key()));

    private static PublicKey key() {
        try (SecretKey key = SecretKey.generate(new SecureRandom())) {
            return key.publicKey();
        }
    }

    private KeyAggContext of(KeyTweak tweak, Integer... path) {
        return MessageKeys.of(
                group, new MessageToSign(HASH, tweak, Optional.empty(), List.of(path)));
    }

    @Test
    void withoutPathAndTweakItIsTheGroupsKey() {
        assertThat(of(KeyTweak.none()).aggregateKey()).isEqualTo(group.aggregateKey());
    }

    @Test
    void aPathLeadsToBip328sKey() throws Exception {
        PublicKey expected =
                Bip328.derive(group.aggregateKey(), DerivationPath.of(1, 7)).key().publicKey();
        assertThat(of(KeyTweak.none(), 1, 7).aggregateKey()).isEqualTo(expected);
    }

    @Test
    void theTweakIsOfTheDerivedKey() throws Exception {
        PublicKey derived =
                Bip328.derive(group.aggregateKey(), DerivationPath.of(5)).key().publicKey();
        assertThat(of(KeyTweak.keyPathOnly(), 5).xOnlyKey())
                .isEqualTo(TapTweak.output(derived.xOnly(), Optional.empty()).outputKey());
    }
}
