package org.tutti.musig.taproot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.schnorr.TaggedHash;

import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

class TapTreeTest {
    private static final Bytes KEY =
            Bytes.fromHex("f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9");

    @ParameterizedTest
    @ValueSource(ints = {-1, 1, 0xc1, 255, 256})
    void leafVersionsAreEvenBytes(int version) {
        assertThatThrownBy(() -> new TapLeaf(version, Bytes.EMPTY))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void scriptsOfEveryLengthClassHaveTheirOwnHash() {
        Set<Bytes> hashes = new HashSet<>();
        for (int length : new int[] {0, 1, 252, 253, 65_535, 65_536, 70_000}) {
            hashes.add(TapLeaf.of(Bytes.wrap(new byte[length])).hash());
        }
        assertThat(hashes).hasSize(7);
    }

    /// Bitcoin's compact size: one byte, or a marker and two or four bytes, the lowest first.
    @Test
    void theLengthOfAScriptIsHashedAsACompactSize() {
        Map<Integer, String> sizes =
                Map.of(
                        0, "00",
                        252, "fc",
                        253, "fdfd00",
                        0x1234, "fd3412",
                        0xffff, "fdffff",
                        0x10000, "fe00000100",
                        0x12345, "fe45230100");
        sizes.forEach((length, size) -> {
            Bytes script = Bytes.wrap(new byte[length]);
            assertThat(new TapLeaf(0xc2, script).hash())
                    .as("%d bytes", length)
                    .isEqualTo(TaggedHash.of("TapLeaf", Bytes.fromHex("c2" + size), script));
        });
    }

    @Test
    void theFirstAndTheLastLeafVersionAreAllowed() {
        assertThat(new TapLeaf(0, Bytes.EMPTY).version()).isZero();
        assertThat(new TapLeaf(254, Bytes.EMPTY).version()).isEqualTo(254);
    }

    @Test
    void aBranchDoesNotCareWhichSideIsWhich() {
        TapTree one = TapLeaf.of(Bytes.fromHex("51"));
        TapTree other = TapLeaf.of(Bytes.fromHex("52"));
        assertThat(TapTree.branch(one, other).hash()).isEqualTo(TapTree.branch(other, one).hash());
    }

    @Test
    void hashesAndPathsHaveTheirBounds() throws KeyException {
        assertThatThrownBy(() -> TapTree.branchHash(Bytes.EMPTY, KEY))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> TapTweak.tweak(XOnlyPublicKey.parse(KEY), Optional.of(Bytes.EMPTY)))
                .isInstanceOf(IllegalArgumentException.class);
        TaprootOutput output = TapTweak.output(XOnlyPublicKey.parse(KEY), Optional.empty());
        assertThatThrownBy(() ->
                        output.controlBlock(TapLeaf.of(Bytes.EMPTY), Collections.nCopies(129, KEY)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(output.controlBlock(TapLeaf.of(Bytes.EMPTY), Collections.nCopies(128, KEY)))
                .extracting(Bytes::length)
                .isEqualTo(33 + 128 * 32);
    }
}
