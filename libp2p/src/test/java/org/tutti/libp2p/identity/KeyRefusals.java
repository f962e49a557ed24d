package org.tutti.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Says that something is no key, and why.
final class KeyRefusals {
    private KeyRefusals() {}

    /// A lambda that may throw.
    interface Attempt {
        Object run() throws Exception;
    }

    static void assertRefused(KeyFormatException.Code code, Attempt attempt) {
        assertThatThrownBy(attempt::run)
                .isInstanceOf(KeyFormatException.class)
                .extracting("code")
                .isEqualTo(code);
    }
}
