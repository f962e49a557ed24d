package org.tutti.app.chain;

import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.base.Bytes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/// `chain import` of a file with any bytes: it ends with an answer or a reason, never as a defect.
public final class ImportFuzz {
    private ImportFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(input);
    }

    static List<byte[]> seeds() {
        try {
            byte[] headers =
                    Files.readAllBytes(
                            Path.of(System.getProperty("tutti.vectors"))
                                    .resolve("headers-forks/regtest_0-100.bin"));
            byte[] few = Arrays.copyOf(headers, 80 * 8);
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
                out.write(few);
            }
            return List.of(few, Arrays.copyOfRange(headers, 80, 80 * 4), packed.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void test(byte[] input) {
        try {
            Path folder = Files.createTempDirectory("tutti-import");
            try {
                test(folder, input);
            } finally {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path file : files.toList().reversed()) {
                        Files.delete(file);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void test(Path folder, byte[] input) throws IOException {
        Path file = Files.write(folder.resolve("headers.bin"), input);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit =
                Main.run(
                        new PrintWriter(out),
                        new PrintWriter(err),
                        "chain",
                        "import",
                        file.toString(),
                        "--network",
                        "regtest",
                        "--data-dir",
                        folder.toString(),
                        "--json");
        boolean isSaid = exit == ExitCodes.OK || exit == ExitCodes.FAILED;
        // One object, and where it failed one line for people.
        boolean isOneLine =
                out.toString().lines().count() == 1 && err.toString().lines().count() <= 1;
        if (!isSaid || !isOneLine) {
            throw new AssertionError(exit + ": " + out + err + Bytes.of(input));
        }
    }
}
