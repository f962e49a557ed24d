package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.app.exit.ExitCodes;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/// `./tutti` where the Java is not what it needs.
@Timeout(60)
class ScriptTest {
    private static final Path SCRIPT = Path.of(System.getProperty("tutti.root"), "tutti");

    @TempDir Path folder;

    @Test
    void aJdkThatIsTooOldIsNamedInOneLine() throws Exception {
        Path jdk = fakeJdk("17.0.9");
        check(jdk, "Java 17, Tutti needs 25");
    }

    @Test
    void anOldVersionSchemeIsReadToo() throws Exception {
        check(fakeJdk("1.8.0_402"), "Java 8, Tutti needs 25");
    }

    @Test
    void aPathThatIsNoJavaIsNamed() throws Exception {
        check(folder.resolve("nothing"), "is not a java command");
    }

    private Path fakeJdk(String version) throws Exception {
        Path java = folder.resolve("jdk/bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, "#!/bin/sh\nexit 1\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"" + version + "\"\n");
        return folder.resolve("jdk");
    }

    private void check(Path java, String reason) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", SCRIPT.toString(), "--version");
        builder.environment().put("TUTTI_JAVA", java.toString());
        Path errors = folder.resolve("errors");
        builder.redirectError(errors.toFile());
        Process process = builder.start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        String text = Files.readString(errors, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).isEqualTo(ExitCodes.ENVIRONMENT);
        assertThat(text.lines()).hasSize(1);
        assertThat(text).startsWith("tutti: ").contains(reason);
    }
}
