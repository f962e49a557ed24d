package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.reference.InvalidContribution;
import org.tutti.musig.reference.ReferenceKeyAgg;
import org.tutti.musig.vectors.VectorCount;
import org.tutti.musig.vectors.Vectors;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;

class Bip327KeyVectorsTest {
    @Test
    void keysAreSortedAsBip327Sorts() throws KeyException {
        String name = "bip327/key_sort_vectors.json";
        VectorCount tally = new VectorCount(name);
        JsonNode file = Vectors.json(name);
        List<PublicKey> keys = PublicKey.parseAll(Vectors.list(file.get("pubkeys")));
        assertThat(KeySort.sort(keys))
                .isEqualTo(PublicKey.parseAll(Vectors.list(file.get("sorted_pubkeys"))));
        tally.natively();
        tally.print();
    }

    @Test
    void keysAreAggregatedAndBadOnesBlamed() throws KeyException {
        String name = "bip327/key_agg_vectors.json";
        VectorCount tally = new VectorCount(name);
        JsonNode file = Vectors.json(name);
        for (JsonNode test : Vectors.all(file.get("valid_test_cases"))) {
            List<Bytes> keys = Vectors.pick(file.get("pubkeys"), test.get("key_indices"));
            Bytes expected = Vectors.bytes(test.get("expected"));
            assertThat(KeyAggContext.of(PublicKey.parseAll(keys)).xOnlyKey().bytes())
                    .isEqualTo(expected);
            assertThat(Bytes.wrap(ReferenceKeyAgg.of(Vectors.arrays(keys)).xOnlyKey()))
                    .isEqualTo(expected);
            tally.natively();
        }
        for (JsonNode test : Vectors.all(file.get("error_test_cases"))) {
            refuses(file, test);
            tally.natively();
        }
        tally.print();
    }

    private static void refuses(JsonNode file, JsonNode test) {
        List<Bytes> keys = Vectors.pick(file.get("pubkeys"), test.get("key_indices"));
        List<Bytes> tweaks = Vectors.pick(file.get("tweaks"), test.get("tweak_indices"));
        List<Boolean> xOnly =
                Vectors.all(test.get("is_xonly")).stream().map(JsonNode::asBoolean).toList();
        Throwable natively =
                catchThrowable(
                        () -> tweak(KeyAggContext.of(PublicKey.parseAll(keys)), tweaks, xOnly));
        Throwable onReference =
                catchThrowable(() ->
                        ReferenceKeyAgg.of(Vectors.arrays(keys))
                                .tweak(Vectors.arrays(tweaks), xOnly));
        JsonNode error = test.get("error");
        if (error.get("type").asString().equals("value")) {
            assertThat(natively).isInstanceOf(InvalidTweakException.class);
            assertThat(onReference).hasMessage(error.get("message").asString());
        } else {
            int signer = error.get("signer").asInt();
            assertThat(natively)
                    .isInstanceOfSatisfying(
                            KeyException.class, e -> assertThat(e.index()).isEqualTo(signer));
            assertThat(onReference)
                    .isInstanceOfSatisfying(
                            InvalidContribution.class,
                            e -> assertThat(e.signer()).isEqualTo(signer));
        }
    }

    static KeyAggContext tweak(KeyAggContext context, List<Bytes> tweaks, List<Boolean> xOnly) {
        KeyAggContext tweaked = context;
        for (int i = 0; i < tweaks.size(); i++) {
            Bytes tweak = tweaks.get(i);
            tweaked = xOnly.get(i) ? tweaked.withXOnlyTweak(tweak) : tweaked.withPlainTweak(tweak);
        }
        return tweaked;
    }

    @Test
    void noKeysHaveNoAggregate() {
        assertThatThrownBy(() -> KeyAggContext.of(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void moreKeysThanTheBoundHaveNoAggregate() throws KeyException {
        PublicKey key =
                PublicKey.parse(
                        Bytes.fromHex(
                                "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9"));
        List<PublicKey> keys = new ArrayList<>();
        for (int i = 0; i <= KeyAggContext.MAX_KEYS; i++) {
            keys.add(key);
        }
        assertThatThrownBy(() -> KeyAggContext.of(keys))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4096");
        keys.removeLast();
        assertThat(KeyAggContext.of(keys).keys()).hasSize(KeyAggContext.MAX_KEYS);
    }
}
