package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.request.KeyTweak;

import java.util.Optional;

class KeyContextsTest {
    private final GroupFixture fixture = new GroupFixture(2, 5);
    private final KeyContexts contexts = new KeyContexts(fixture.group.signingKeys());

    @AfterEach
    void close() {
        fixture.close();
    }

    private KeyTweak someTweak() {
        return new KeyTweak.Bip341KeyPath(Optional.of(fixture.random(32)));
    }

    @Test
    void eachTweakGivesTheKeyOfBip341() throws Exception {
        KeyAggContext untweaked = KeyAggContext.of(fixture.group.signingKeys());
        assertThat(contexts.of(KeyTweak.none()).xOnlyKey()).isEqualTo(untweaked.xOnlyKey());
        assertThat(contexts.of(KeyTweak.keyPathOnly()).xOnlyKey())
                .isEqualTo(untweaked.withTapTweak(Optional.empty()).xOnlyKey());
        KeyTweak.Bip341KeyPath tree = (KeyTweak.Bip341KeyPath) someTweak();
        assertThat(contexts.of(tree).xOnlyKey())
                .isEqualTo(untweaked.withTapTweak(tree.merkleRoot()).xOnlyKey());
    }

    @Test
    void recentTweaksAreKept() {
        KeyTweak tweak = someTweak();
        assertThat(contexts.of(tweak)).isSameAs(contexts.of(tweak));
    }

    @Test
    void numberOfKeptTweaksIsBounded() {
        KeyTweak first = someTweak();
        KeyAggContext made = contexts.of(first);
        for (int i = 0; i < KeyContexts.MAX_KEPT; i++) {
            contexts.of(someTweak());
        }
        assertThat(contexts.of(first)).isNotSameAs(made);
    }
}
