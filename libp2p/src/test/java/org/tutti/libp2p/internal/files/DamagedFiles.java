package org.tutti.libp2p.internal.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// Damages files, for tests of those who read them.
public final class DamagedFiles {
    private DamagedFiles() {}

    /// Reads what is stored.
    public interface Loading {
        List<?> load() throws IOException;
    }

    /// Cut short anywhere, or with one bit changed anywhere, it is moved aside as it is, and
    /// nothing is read.
    public static void requireMovedAside(Path file, Loading loading) throws IOException {
        byte[] good = Files.readAllBytes(file);
        assertThat(loading.load()).isNotEmpty();
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        for (int at = 0; at < good.length; at++) {
            Files.write(file, Arrays.copyOf(good, at));
            assertThat(loading.load()).as(at + " bytes").isEmpty();
            byte[] bad = good.clone();
            bad[at] ^= 0x10;
            Files.write(file, bad);
            assertThat(loading.load()).as("byte " + at).isEmpty();
            assertThat(file).doesNotExist();
            assertThat(aside).hasBinaryContent(bad);
        }
    }
}
