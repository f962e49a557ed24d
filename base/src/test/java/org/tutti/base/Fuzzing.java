package org.tutti.base;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Runs fuzz targets: with damaged seeds in every build, with Jazzer under `mvn verify -Pfuzz`.
///
/// A target is a public class with the two methods that Jazzer calls: `fuzzerInitialize(String[])`,
/// which is told the target's name where a class has several, and `fuzzerTestOneInput(byte[])`. It
/// depends on nothing of Jazzer.
public final class Fuzzing {
    /// How long Jazzer tries each target, unless `-Dtutti.fuzz.seconds` says otherwise.
    private static final int SECONDS = Integer.getInteger("tutti.fuzz.seconds", 60);

    /// What Jazzer says of the branches that it has reached.
    private static final Pattern COVERAGE = Pattern.compile("\\bcov: (\\d+)");

    /// Lines of Jazzer's output that a failure shows.
    private static final int SHOWN_LINES = 60;

    private Fuzzing() {}

    /// Gives a target every seed as it is, and then damaged ones. A failure names its case.
    public static void damaged(List<byte[]> seeds, int cases, Consumer<byte[]> target) {
        for (int i = 0; i < seeds.size() + cases; i++) {
            SplittableRandom random = new SplittableRandom(i);
            byte[] input =
                    i < seeds.size()
                            ? seeds.get(i)
                            : damage(seeds.get(random.nextInt(seeds.size())), random);
            try {
                target.accept(input);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("case " + i + ": " + Bytes.of(input), e);
            }
        }
    }

    /// The same bytes with some changed, cut off, appended, doubled or left out.
    public static byte[] damage(byte[] bytes, SplittableRandom random) {
        byte[] damaged =
                switch (random.nextInt(6)) {
                    case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
                    case 1 -> Arrays.copyOf(bytes, bytes.length + random.nextInt(40));
                    case 2 -> {
                        int from = random.nextInt(bytes.length + 1);
                        int to = from + random.nextInt(bytes.length - from + 1);
                        yield random.nextBoolean()
                                ? joined(bytes, to, from)
                                : joined(bytes, from, to);
                    }
                    default -> bytes.clone();
                };
        for (int i = random.nextInt(4); i > 0 && damaged.length > 0; i--) {
            int at = random.nextInt(damaged.length);
            damaged[at] =
                    (byte)
                            switch (random.nextInt(3)) {
                                case 0 -> random.nextInt(256);
                                case 1 -> damaged[at] ^ 1 << random.nextInt(8);
                                default -> random.nextBoolean() ? 0xff : 0;
                            };
        }
        return damaged;
    }

    /// What is before `to`, then what is from `from` on.
    private static byte[] joined(byte[] bytes, int to, int from) {
        return Bytes.concat(Bytes.of(bytes, 0, to), Bytes.of(bytes, from, bytes.length)).toArray();
    }

    /// Has Jazzer try a target in a process of its own, guided by which branches are reached.
    ///
    /// @param target with the methods that Jazzer calls
    /// @param name what `fuzzerInitialize` is told
    public static void withJazzer(Class<?> target, String name, List<byte[]> seeds) {
        try {
            Path folder = Files.createTempDirectory("tutti-fuzz");
            try {
                run(target, name, seeds, folder);
            } finally {
                delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(Class<?> target, String name, List<byte[]> seeds, Path folder)
            throws IOException {
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(corpus.resolve("seed-" + i), seeds.get(i));
        }
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:+EnableDynamicAgentLoading",
                                "-Xmx1g",
                                "-XX:+UseSerialGC",
                                "-Dtutti.vectors=" + System.getProperty("tutti.vectors", ""),
                                "-cp",
                                System.getProperty("java.class.path"),
                                "com.code_intelligence.jazzer.Jazzer",
                                "--target_class=" + target.getName(),
                                "--target_args=" + name,
                                "--instrumentation_includes=org.tutti.**",
                                "--disabled_hooks=.*",
                                "--reproducer_path=" + folder,
                                "-artifact_prefix=" + folder + "/",
                                "-max_total_time=" + SECONDS,
                                "-timeout=30",
                                "-rss_limit_mb=3000",
                                "-max_len=20000",
                                corpus.toString())
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        Deque<String> last = new ArrayDeque<>();
        Deque<Integer> coverage = new ArrayDeque<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher covered = COVERAGE.matcher(line);
                if (covered.find()) {
                    if (coverage.size() == 2) {
                        coverage.removeLast();
                    }
                    coverage.addLast(Integer.parseInt(covered.group(1)));
                }
                last.addLast(line);
                if (last.size() > SHOWN_LINES) {
                    last.removeFirst();
                }
            }
            int code = process.waitFor();
            if (code != 0) {
                throw new AssertionError(
                        "Jazzer, %s %s: code %d%n%s%n%s"
                                .formatted(
                                        target.getSimpleName(),
                                        name,
                                        code,
                                        String.join("\n", last),
                                        found(folder)));
            }
            System.out.printf(
                    "Jazzer, %s %s: the seeds cover %d, after %d s %d%n",
                    target.getSimpleName(),
                    name,
                    coverage.isEmpty() ? 0 : coverage.getFirst(),
                    SECONDS,
                    coverage.isEmpty() ? 0 : coverage.getLast());
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// The input that Jazzer failed with.
    private static String found(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.toString().endsWith(".java")) {
                    return file.getFileName() + ": " + Bytes.of(Files.readAllBytes(file));
                }
            }
        }
        return "no input was kept";
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        }
    }
}
