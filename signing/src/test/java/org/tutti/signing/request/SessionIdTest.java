package org.tutti.signing.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;

class SessionIdTest {
    @Test
    void sessionIdHas32Bytes() {
        assertThatThrownBy(() -> new SessionId(Bytes.wrap(new byte[31])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SessionId(Bytes.wrap(new byte[33])))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void printedFormIsHexAndTheBriefFormItsStart() {
        SessionId id = new SessionId(Bytes.fromHex("0123456789abcdef".repeat(4)));
        assertThat(id).hasToString("0123456789abcdef".repeat(4));
        assertThat(id.brief()).isEqualTo("01234567");
    }
}
