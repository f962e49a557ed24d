package org.tutti.signing.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

class PayloadTypeTest {
    private static final Set<PayloadType> OF_PROCESSES_AND_JOURNALS =
            EnumSet.of(
                    PayloadType.HELLO,
                    PayloadType.CHALLENGE,
                    PayloadType.ANSWER,
                    PayloadType.CONSENT,
                    PayloadType.HAND_OVER_REQUEST,
                    PayloadType.HAND_OVER);

    @Test
    void eachIsFoundByItsOwnBytes() {
        for (PayloadType type : PayloadType.values()) {
            assertThat(PayloadType.find(type.bytes())).isEqualTo(type);
        }
        assertThat(Arrays.stream(PayloadType.values()).map(PayloadType::bytes))
                .doesNotHaveDuplicates();
    }

    @Test
    void otherBytesAreNone() {
        assertThat(PayloadType.find(Bytes.EMPTY)).isNull();
        assertThat(PayloadType.find(ascii("/tutti/sign/1/ready"))).isNull();
        assertThat(PayloadType.find(ascii("/tutti/sign/2/ready "))).isNull();
    }

    private static Bytes ascii(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void domainsAreThoseOfTheProtocol() {
        for (PayloadType type : PayloadType.values()) {
            String domain =
                    type == PayloadType.REQUEST
                            ? "tutti-sign-request"
                            : OF_PROCESSES_AND_JOURNALS.contains(type)
                                    ? "tutti-sign-hello"
                                    : "tutti-sign-contribution";
            assertThat(type.domain()).as("%s", type).isEqualTo(domain);
        }
    }
}
