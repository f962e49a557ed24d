package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The interpreter is ours. bitcoin-kmp, which was used before, is what some tests here compare
/// with.
class NoScriptLibraryTest {
    /// In two pieces, so that this file does not find itself.
    private static final String LIBRARY = "fr.acinq" + ".bitcoin.";

    @Test
    void onlyTestsOfThisPackageKnowTheLibrary() throws IOException {
        Path root = Path.of(System.getProperty("tutti.root"));
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path module :
                    modules.filter(m -> Files.isRegularFile(m.resolve("pom.xml"))).toList()) {
                Path src = module.resolve("src");
                if (Files.isDirectory(src)) {
                    try (Stream<Path> files = Files.walk(src)) {
                        files.filter(f -> f.toString().endsWith(".java")).forEach(sources::add);
                    }
                }
            }
        }
        assertThat(sources).hasSizeGreaterThan(50);
        for (Path source : sources) {
            boolean allowed =
                    source.toString().contains("/test/java/org/tutti/bitcoin/interpreter/");
            assertThat(!allowed && Files.readString(source).contains(LIBRARY))
                    .as(source + " imports bitcoin-kmp")
                    .isFalse();
        }
    }
}
