package org.tutti.musig.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.musig.vectors.VectorCount;
import org.tutti.musig.vectors.Vectors;

import tools.jackson.databind.JsonNode;

class Bip32VectorsTest {
    private static final String FILE = "bip32/bip32_vectors.json";

    @Test
    void everyChainIsDerivedAndEveryBadKeyIsRefused() throws KeyException {
        VectorCount tally = new VectorCount(FILE);
        JsonNode file = Vectors.json(FILE);
        for (JsonNode seed : Vectors.all(file.get("valid"))) {
            byte[] bytes = Vectors.bytes(seed.get("seed")).toArray();
            try (ExtendedPrivateKey master = ExtendedPrivateKey.fromSeed(bytes, versions(seed))) {
                for (JsonNode chain : Vectors.all(seed.get("chains"))) {
                    check(master, chain);
                    tally.natively();
                }
            }
        }
        for (JsonNode invalid : Vectors.all(file.get("invalid"))) {
            assertThatThrownBy(() -> ExtendedKey.parse(invalid.get("key").asString()))
                    .as(invalid.get("reason").asString())
                    .isInstanceOf(KeyException.class);
            tally.natively();
        }
        tally.print();
    }

    /// Which version bytes the chains of a seed are written with.
    private static ExtendedKeyVersions versions(JsonNode seed) throws KeyException {
        return ExtendedPublicKey.parse(seed.get("chains").get(0).get("xpub").asString()).versions();
    }

    private static void check(ExtendedPrivateKey master, JsonNode chain) throws KeyException {
        DerivationPath path = DerivationPath.parse(chain.get("path").asString());
        String xpub = chain.get("xpub").asString();
        String xprv = chain.get("xprv").asString();
        try (ExtendedPrivateKey key = master.derive(path);
                ExtendedPrivateKey parsed = ExtendedPrivateKey.parse(xprv)) {
            assertThat(key.exportText()).isEqualTo(xprv);
            assertThat(key.neuter().toText()).isEqualTo(xpub);
            assertThat(parsed.exportText()).isEqualTo(xprv);
            assertThat(ExtendedPublicKey.parse(xpub)).isEqualTo(key.neuter());
        }
        derivesTheSamePublicly(master, path, xpub);
    }

    /// Where the last step is not hardened, the parent's public key leads there too.
    private static void derivesTheSamePublicly(
            ExtendedPrivateKey master, DerivationPath path, String xpub) throws KeyException {
        if (path.steps().isEmpty() || path.steps().getLast() >= DerivationPath.HARDENED) {
            return;
        }
        int last = path.steps().size() - 1;
        try (ExtendedPrivateKey parent =
                master.derive(new DerivationPath(path.steps().subList(0, last)))) {
            ExtendedPublicKey child = parent.neuter().child(path.steps().getLast()).key();
            assertThat(child.toText()).isEqualTo(xpub);
        }
    }
}
