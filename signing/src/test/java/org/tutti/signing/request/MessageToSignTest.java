package org.tutti.signing.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;

import java.util.Collections;
import java.util.List;
import java.util.Optional;

class MessageToSignTest {
    private static final Bytes HASH = Bytes.wrap(new byte[32]);

    @Test
    void aPathHasAFewUnhardenedNumbers() {
        List<Integer> longest = Collections.nCopies(MessageToSign.MAX_PATH, Integer.MAX_VALUE);
        assertThat(path(longest).path()).isEqualTo(longest);
        assertThat(path(List.of(0)).path()).containsExactly(0);
        refuses(() -> path(Collections.nCopies(MessageToSign.MAX_PATH + 1, 0)));
        refuses(() -> path(List.of(1, -1)));
        refuses(() -> path(List.of(Integer.MIN_VALUE)));
    }

    private static MessageToSign path(List<Integer> path) {
        return new MessageToSign(HASH, KeyTweak.keyPathOnly(), Optional.empty(), path);
    }

    @Test
    void aLeafIsAHashAndItsKeyIsNotTweaked() {
        assertThat(leaf(HASH, KeyTweak.none()).leaf()).contains(HASH);
        refuses(() -> leaf(HASH, KeyTweak.keyPathOnly()));
        refuses(() -> leaf(Bytes.wrap(new byte[31]), KeyTweak.none()));
    }

    private static MessageToSign leaf(Bytes leaf, KeyTweak tweak) {
        return new MessageToSign(HASH, tweak, Optional.of(leaf), List.of());
    }

    private static void refuses(Runnable message) {
        assertThatIllegalArgumentException().isThrownBy(message::run);
    }
}
