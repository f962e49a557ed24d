package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.node.daemon.NodeException.Kind;
import org.tutti.signing.service.SigningStoppedException;

import java.io.IOException;
import java.util.Map;

@Timeout(30)
class NodeEndTest {
    private final NodeEnd end = new NodeEnd();

    @Test
    void aNodeThatWasClosedEndsQuietly() throws Exception {
        end.end();
        end.await();
    }

    @Test
    void whatEndsSigningEndsTheNodeWithItsReason() {
        Map<Throwable, String> codes =
                Map.of(
                        new SigningStoppedException("JOURNAL_WENT_BACK", "it went back"),
                        "JOURNAL_WENT_BACK",
                        new IOException("No space left on device"),
                        "JOURNAL_FAILED",
                        new OutOfMemoryError("Java heap space"),
                        "OUT_OF_MEMORY",
                        new StackOverflowError(),
                        "DEFECT");
        codes.forEach((reason, code) -> {
            NodeEnd ended = new NodeEnd();
            ended.signingStopped(reason);
            assertThatExceptionOfType(NodeException.class)
                    .isThrownBy(ended::await)
                    .satisfies(e -> assertThat(e.code()).isEqualTo(code));
        });
    }

    @Test
    void theFirstDefectIsWhatANodeEndsWith() {
        end.fail(new IllegalStateException("first"));
        end.fail(new IllegalStateException("second"));
        end.end();
        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(end::await)
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo("DEFECT");
                    assertThat(e.kind()).isEqualTo(Kind.DEFECT);
                    assertThat(e.reason()).contains("first");
                });
    }
}
