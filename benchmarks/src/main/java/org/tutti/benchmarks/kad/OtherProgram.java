package org.tutti.benchmarks.kad;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A program of `interop/` (PEERS.md), which measures the same by itself: `bench-kad NODES ROUNDS`
/// prints one line with `putMillis`, `getMillis` and `firstLookupMillis`.
///
/// @param name such as `go`
/// @param command its path
public record OtherProgram(String name, Path command) {
    /// Much longer than the line it prints.
    private static final int MAX_LINE = 64 * 1024;

    /// By its name alone, in the folder that the environment names.
    ///
    /// @param text `NAME`, or `NAME=PATH`
    /// @param folder where the runs of `interop/` keep what they built, `TUTTI_PEER_BIN`
    /// @throws IllegalArgumentException saying where it was looked for
    public static OtherProgram of(String text, Optional<String> folder) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        if (!name.matches("[a-z]{1,16}")) {
            throw new IllegalArgumentException(text + ": neither NAME nor NAME=PATH");
        }
        List<Path> places = new ArrayList<>();
        if (equals >= 0) {
            places.add(Path.of(text.substring(equals + 1)));
        } else {
            folder.ifPresent(f -> places.add(Path.of(f, name + "-peer")));
            places.add(
                    Path.of(
                            "interop",
                            name + "-libp2p",
                            "target",
                            "release",
                            "tutti-interop-" + name));
        }
        return places.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .map(p -> new OtherProgram(name, p))
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                name
                                        + " is in none of "
                                        + places
                                        + ": build it (interop/PEERS.md), and name it as "
                                        + name
                                        + "=PATH"));
    }

    KadBenchResult.Figures run(int nodes, int rounds) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                command.toString(),
                                "bench-kad",
                                Integer.toString(nodes),
                                Integer.toString(rounds))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        process.outputWriter().close();
        String found = "";
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains("\"bench-kad\"") && line.length() < MAX_LINE) {
                    found = line;
                }
            }
        }
        if (process.waitFor() != 0 || found.isEmpty()) {
            throw new IOException(command + " bench-kad measured nothing");
        }
        return new KadBenchResult.Figures(
                field(found, "putMillis"),
                field(found, "getMillis"),
                field(found, "firstLookupMillis"));
    }

    private static double field(String line, String name) throws IOException {
        Matcher matcher = Pattern.compile("\"" + name + "\":([0-9.eE+-]{1,32})").matcher(line);
        if (!matcher.find()) {
            throw new IOException(
                    String.format(Locale.ROOT, "no %s in what the other program measured", name));
        }
        return Double.parseDouble(matcher.group(1));
    }
}
