package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.node.daemon.NodeException.Kind;

@Timeout(30)
class NodeEndTest {
    private final NodeEnd end = new NodeEnd();

    @Test
    void aNodeThatWasClosedEndsQuietly() throws Exception {
        end.end();
        end.await();
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
