package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.app.exit.ExitCodes;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Bash itself says what it would complete.
@Timeout(60)
class CompletionTest {
    @TempDir Path folder;

    private String completed(String... words) throws Exception {
        StringWriter out = new StringWriter();
        PrintWriter none = new PrintWriter(new StringWriter());
        assertThat(Main.run(new PrintWriter(out, true), none, "completion"))
                .isEqualTo(ExitCodes.OK);
        Path script = Files.writeString(folder.resolve("completion"), out.toString());
        String line = String.join(" ", words);
        Process bash =
                new ProcessBuilder(
                                "bash",
                                "-c",
                                """
                                compopt() { :; } # There is no real completion going on.
                                source "$1"
                                COMP_WORDS=($2) COMP_LINE=$2 COMP_CWORD=$(($3 - 1)) COMP_POINT=${#2}
                                _complete_tutti
                                printf '%s\\n' "${COMPREPLY[@]}"
                                """,
                                "bash",
                                script.toString(),
                                line,
                                Integer.toString(words.length))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void commandsAndOptionsAreCompleted() throws Exception {
        assertThat(completed("tutti", "paym").lines()).containsExactly("payments");
        assertThat(completed("tutti", "payments", "bu").lines()).containsExactly("bump");
        assertThat(completed("tutti", "node", "--conf").lines()).containsExactly("--config");
    }
}
