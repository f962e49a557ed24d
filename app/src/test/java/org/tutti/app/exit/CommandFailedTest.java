package org.tutti.app.exit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;

class CommandFailedTest {
    @Test
    void aFailureKeepsItsCodeItsExitCodeAndItsCause() {
        IOException cause = new IOException("disk full");
        CommandFailed failed =
                new CommandFailed("PORT_IN_USE", ExitCodes.ENVIRONMENT, "port 5 is taken", cause);
        assertThat(failed.code()).isEqualTo("PORT_IN_USE");
        assertThat(failed.exitCode()).isEqualTo(4);
        assertThat(failed.reason()).isEqualTo("port 5 is taken");
        assertThat(failed).hasCause(cause);
    }

    /// Scripts depend on them.
    @Test
    void theExitCodesAreFixed() throws Exception {
        List<String> codes = new ArrayList<>();
        for (Field field : ExitCodes.class.getDeclaredFields()) {
            codes.add(field.getName() + " " + field.getInt(null));
        }
        assertThat(codes)
                .containsExactlyInAnyOrder(
                        "OK 0",
                        "FAILED 1",
                        "USAGE 2",
                        "CONFIG 3",
                        "ENVIRONMENT 4",
                        "DEFECT 5",
                        "UNKNOWN 6",
                        "INTERRUPTED 130");
    }
}
