package org.tutti.musig.taproot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.vectors.VectorCount;
import org.tutti.musig.vectors.Vectors;

import tools.jackson.databind.JsonNode;

import java.util.List;
import java.util.Optional;

/// The keys and trees of BIP341's vectors; their sighashes are tested where transactions are known.
class Bip341KeyVectorsTest {
    private static final String FILE = "bip341/wallet-test-vectors.json";

    @Test
    void everyScriptPubKeyIsBuiltFromItsInternalKeyAndTree() throws KeyException {
        VectorCount tally = new VectorCount(FILE + " scriptPubKey");
        for (JsonNode test : Vectors.all(Vectors.json(FILE).get("scriptPubKey"))) {
            JsonNode given = test.get("given");
            Optional<TapTree> tree =
                    given.get("scriptTree").isNull()
                            ? Optional.empty()
                            : Optional.of(tree(given.get("scriptTree")));
            Optional<Bytes> root = tree.map(TapTree::hash);
            TaprootOutput output =
                    TapTweak.output(
                            XOnlyPublicKey.parse(Vectors.bytes(given.get("internalPubkey"))), root);
            checkOutput(test, root, output);
            tree.ifPresent(t -> checkLeaves(test, root.orElseThrow(), output, t.leaves()));
            tally.natively();
        }
        tally.print();
    }

    private static void checkOutput(JsonNode test, Optional<Bytes> root, TaprootOutput output) {
        JsonNode intermediary = test.get("intermediary");
        assertThat(root).isEqualTo(Vectors.maybe(intermediary.get("merkleRoot")));
        assertThat(output.tweak()).isEqualTo(Vectors.bytes(intermediary.get("tweak")));
        assertThat(output.outputKey().bytes())
                .isEqualTo(Vectors.bytes(intermediary.get("tweakedPubkey")));
        assertThat(output.scriptPubKey())
                .isEqualTo(Vectors.bytes(test.get("expected").get("scriptPubKey")));
    }

    private static void checkLeaves(
            JsonNode test, Bytes root, TaprootOutput output, List<TapTree.Placed> leaves) {
        List<Bytes> hashes = leaves.stream().map(placed -> placed.leaf().hash()).toList();
        assertThat(hashes).isEqualTo(Vectors.list(test.get("intermediary").get("leafHashes")));
        List<Bytes> blocks =
                leaves.stream().map(p -> output.controlBlock(p.leaf(), p.path())).toList();
        assertThat(blocks)
                .isEqualTo(Vectors.list(test.get("expected").get("scriptPathControlBlocks")));
        for (TapTree.Placed placed : leaves) {
            assertThat(TapTree.root(placed.leaf().hash(), placed.path())).isEqualTo(root);
        }
    }

    private static TapTree tree(JsonNode node) {
        return node.isArray()
                ? TapTree.branch(tree(node.get(0)), tree(node.get(1)))
                : new TapLeaf(node.get("leafVersion").asInt(), Vectors.bytes(node.get("script")));
    }

    @Test
    void everyKeyPathSpendTweaksItsSecretKey() throws KeyException {
        VectorCount tally = new VectorCount(FILE + " keyPathSpending (keys)");
        for (JsonNode spend : Vectors.all(Vectors.json(FILE).get("keyPathSpending"))) {
            for (JsonNode input : Vectors.all(spend.get("inputSpending"))) {
                checkSecret(input.get("given"), input.get("intermediary"));
                tally.natively();
            }
        }
        tally.print();
    }

    private static void checkSecret(JsonNode given, JsonNode expected) throws KeyException {
        Optional<Bytes> root = Vectors.maybe(given.get("merkleRoot"));
        try (SecretKey key = SecretKey.of(Vectors.bytes(given.get("internalPrivkey")).toArray());
                SecretKey tweaked = TapTweak.tweakSecret(key, root)) {
            XOnlyPublicKey internal = key.publicKey().xOnly();
            assertThat(internal.bytes()).isEqualTo(Vectors.bytes(expected.get("internalPubkey")));
            assertThat(TapTweak.tweak(internal, root))
                    .isEqualTo(Vectors.bytes(expected.get("tweak")));
            assertThat(Bytes.wrap(tweaked.export()))
                    .isEqualTo(Vectors.bytes(expected.get("tweakedPrivkey")));
            assertThat(tweaked.publicKey().xOnly())
                    .isEqualTo(TapTweak.output(internal, root).outputKey());
        }
    }
}
