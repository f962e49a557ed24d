package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;

import java.util.Optional;

class KeyContextsTest {
    private final GroupFixture fixture = new GroupFixture(2, 5);
    private final KeyContexts contexts = new KeyContexts(fixture.group);

    @AfterEach
    void close() {
        fixture.close();
    }

    private KeyTweak someTweak() {
        return new KeyTweak.Bip341KeyPath(Optional.of(fixture.random(32)));
    }

    private static MessageToSign message(KeyTweak tweak) {
        return new MessageToSign(Bytes.wrap(new byte[32]), tweak);
    }

    @Test
    void eachTweakGivesTheKeyOfBip341() throws Exception {
        KeyAggContext untweaked = KeyAggContext.of(fixture.group.signingKeys());
        assertThat(contexts.of(message(KeyTweak.none())).xOnlyKey())
                .isEqualTo(untweaked.xOnlyKey());
        assertThat(contexts.of(message(KeyTweak.keyPathOnly())).xOnlyKey())
                .isEqualTo(untweaked.withTapTweak(Optional.empty()).xOnlyKey());
        KeyTweak.Bip341KeyPath tree = (KeyTweak.Bip341KeyPath) someTweak();
        assertThat(contexts.of(message(tree)).xOnlyKey())
                .isEqualTo(untweaked.withTapTweak(tree.merkleRoot()).xOnlyKey());
    }

    @Test
    void recentTweaksAreKept() {
        KeyTweak tweak = someTweak();
        assertThat(contexts.of(message(tweak))).isSameAs(contexts.of(message(tweak)));
    }

    @Test
    void numberOfKeptTweaksIsBounded() {
        KeyTweak first = someTweak();
        KeyAggContext made = contexts.of(message(first));
        for (int i = 0; i < KeyContexts.MAX_KEPT; i++) {
            contexts.of(message(someTweak()));
        }
        assertThat(contexts.of(message(first))).isNotSameAs(made);
    }
}
