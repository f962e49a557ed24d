package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.node.files.PathEncoding;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class StartCheckTest {
    private final Map<String, String> properties =
            new HashMap<>(Map.of("os.name", "Linux", "user.dir", "/w", "java.io.tmpdir", "/tmp"));

    @Test
    void usualArgumentsAndFoldersAreRight() {
        assertThat(fault("node", "--config", "a.toml")).isEmpty();
    }

    @Test
    void anArgumentThatWouldBeAnotherIsNamed() {
        assertThat(fault("--data", "h\ufffd\ufffdllo"))
                .get()
                .asString()
                .startsWith("argument h\ufffd\ufffdllo: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"user.dir", "java.io.tmpdir", "java.class.path", "java.home"})
    void aFolderOfTheJvmThatWouldBeAnotherIsNamed(String property) {
        properties.put(property, "/h\ufffd");
        assertThat(fault()).get().asString().contains(" /h\ufffd: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mac OS X", "Windows 11", "FreeBSD"})
    void anotherSystemThanLinuxIsRefused(String system) {
        properties.put("os.name", system);
        assertThat(fault()).contains("Tutti runs on Linux, and this is " + system);
    }

    private Optional<String> fault(String... args) {
        return StartCheck.fault(
                properties::get, new PathEncoding(StandardCharsets.US_ASCII), List.of(args));
    }
}
