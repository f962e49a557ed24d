package org.tutti.benchmarks;

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

/// A program of `interop/` (PEERS.md), which measures the same as a benchmark of ours by itself,
/// and prints one line with its figures.
///
/// @param name such as `go`
/// @param command its path
public record PeerProgram(String name, Path command) {
    /// Much longer than the line it prints.
    private static final int MAX_LINE = 64 * 1024;

    /// By its name alone, in the folder that the environment names.
    ///
    /// @param text `NAME`, or `NAME=PATH`
    /// @param folder where the runs of `interop/` keep what they built, `TUTTI_PEER_BIN`
    /// @throws IllegalArgumentException saying where it was looked for
    public static PeerProgram of(String text, Optional<String> folder) {
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
                .map(p -> new PeerProgram(name, p))
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                name
                                        + " is in none of "
                                        + places
                                        + ": build it (interop/PEERS.md), and name it as "
                                        + name
                                        + "=PATH"));
    }

    /// Has it measure.
    ///
    /// @param marker what the line of figures contains
    /// @param arguments such as `bench-kad 20 200`
    /// @return the last line that contains the marker
    /// @throws IOException if it fails, or says nothing
    public String measure(String marker, Object... arguments)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        words.add(command.toString());
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        Process process =
                new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.outputWriter().close();
        String found = "";
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains(marker) && line.length() < MAX_LINE) {
                    found = line;
                }
            }
        }
        if (process.waitFor() != 0 || found.isEmpty()) {
            throw new IOException(String.join(" ", words) + " measured nothing");
        }
        return found;
    }

    /// A number of such a line.
    public static double field(String line, String name) throws IOException {
        Matcher matcher =
                Pattern.compile("\"" + name + "\"\\s*:\\s*([0-9.eE+-]{1,32})").matcher(line);
        if (!matcher.find()) {
            throw new IOException(
                    String.format(Locale.ROOT, "no %s in what the other program measured", name));
        }
        return Double.parseDouble(matcher.group(1));
    }
}
