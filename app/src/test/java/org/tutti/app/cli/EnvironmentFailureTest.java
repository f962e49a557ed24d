package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.NativeLibraryException.Code;
import org.tutti.node.files.InexactPathException;

class EnvironmentFailureTest {
    @ParameterizedTest
    @EnumSource(value = Code.class, names = "CALL_FAILED", mode = EnumSource.Mode.EXCLUDE)
    void aLibraryThatCannotBeUsedHereIsTheSurroundings(Code code) {
        Exception e = new IllegalStateException(new NativeLibraryException(code, "no library"));
        CommandFailed failed = EnvironmentFailure.of(e).orElseThrow();
        assertThat(failed.exitCode()).isEqualTo(ExitCodes.ENVIRONMENT);
        assertThat(failed.reason()).startsWith("no library");
    }

    @Test
    void aPathThatWouldBeAnotherIsTheSurroundings() {
        CommandFailed failed =
                EnvironmentFailure.of(new InexactPathException("reason")).orElseThrow();
        assertThat(failed.exitCode()).isEqualTo(ExitCodes.ENVIRONMENT);
        assertThat(failed.reason()).isEqualTo("reason");
    }

    @Test
    void anythingElseIsNot() {
        assertThat(EnvironmentFailure.of(new NativeLibraryException(Code.CALL_FAILED, "")))
                .isEmpty();
        assertThat(EnvironmentFailure.of(new IllegalStateException())).isEmpty();
    }
}
