package org.tutti.musig.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;

class ExtendedKeyVersionsTest {
    @Test
    void eachVersionMakesItsPrefix() throws KeyException {
        try (ExtendedPrivateKey main =
                        ExtendedPrivateKey.fromSeed(new byte[32], ExtendedKeyVersions.MAINNET);
                ExtendedPrivateKey test =
                        ExtendedPrivateKey.fromSeed(new byte[32], ExtendedKeyVersions.TESTNET)) {
            assertThat(main.exportText()).startsWith("xprv");
            assertThat(main.neuter().toText()).startsWith("xpub");
            assertThat(test.exportText()).startsWith("tprv");
            assertThat(test.neuter().toText()).startsWith("tpub");
            assertThat(ExtendedKey.parse(test.neuter().toText()).versions())
                    .isEqualTo(ExtendedKeyVersions.TESTNET);
        }
    }

    @Test
    void versionsThatCannotBeToldApartOrHaveAnotherLengthAreRefused() {
        Bytes four = Bytes.fromHex("01020304");
        assertThatIllegalArgumentException().isThrownBy(() -> new ExtendedKeyVersions(four, four));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ExtendedKeyVersions(four, Bytes.fromHex("010203")));
    }
}
