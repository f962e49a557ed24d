package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.Bip328;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.ExtendedPublicKey;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.reference.ReferenceKeyAgg;
import org.tutti.musig.vectors.VectorCount;
import org.tutti.musig.vectors.Vectors;

import tools.jackson.databind.JsonNode;

class Bip328VectorsTest {
    private static final String FILE = "bip328/vectors.json";

    @Test
    void everyAggregateHasTheSyntheticXpubOfBip328() throws KeyException {
        VectorCount tally = new VectorCount(FILE);
        for (JsonNode test : Vectors.all(Vectors.json(FILE))) {
            KeyAggContext context =
                    KeyAggContext.of(PublicKey.parseAll(Vectors.list(test.get("keys"))));
            Bytes expected = Vectors.bytes(test.get("aggregate_pubkey"));
            assertThat(context.aggregateKey().bytes()).isEqualTo(expected);
            assertThat(
                            Bytes.wrap(
                                    ReferenceKeyAgg.of(
                                                    Vectors.arrays(Vectors.list(test.get("keys"))))
                                            .plainKey()))
                    .isEqualTo(expected);
            ExtendedPublicKey key =
                    Bip328.syntheticKey(context.aggregateKey(), ExtendedKeyVersions.MAINNET);
            assertThat(key.toText()).isEqualTo(test.get("xpub").asString());
            tweaksLeadToTheDerivedKey(context, key);
            tally.natively();
        }
        tally.print();
    }

    private static void tweaksLeadToTheDerivedKey(KeyAggContext context, ExtendedPublicKey key)
            throws KeyException {
        DerivationPath path = DerivationPath.of(1, 7);
        Bip328.Derived derived = Bip328.derive(context.aggregateKey(), path);
        assertThat(derived.key().publicKey()).isEqualTo(key.derive(path).publicKey());
        assertThat(context.withPlainTweaks(derived.tweaks()).aggregateKey())
                .isEqualTo(derived.key().publicKey());
    }
}
