package org.tutti.musig.taproot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.XOnlyPublicKey;

import java.util.Collections;
import java.util.HashSet;
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
    }
}
