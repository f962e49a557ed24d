package org.tutti.signing.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;

import java.util.Optional;

class KeyTweakTest {
    @Test
    void merkleRootHas32Bytes() {
        assertThatThrownBy(() -> new KeyTweak.Bip341KeyPath(Optional.of(Bytes.wrap(new byte[31]))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keyPathWithoutScriptsIsNotTheUntweakedKey() {
        assertThat(KeyTweak.keyPathOnly())
                .isEqualTo(new KeyTweak.Bip341KeyPath(Optional.empty()))
                .isNotEqualTo(KeyTweak.none());
    }

    @Test
    void messageHas32Bytes() {
        assertThatThrownBy(() -> new MessageToSign(Bytes.wrap(new byte[33]), KeyTweak.none()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
