package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.base.DurableFile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The groups that strangers have formed and in which this node has signed, or might have: whoever
/// makes a new journal for it has to ask the members of each (SIGNING-SAFETY 34). In `DATA/groups`,
/// one line for each: the id of the signing group and that of the descriptor, in hex.
///
/// Not safe for threads: its owner keeps it to one.
final class GroupList {
    /// The most lines: four times as many as a node keeps groups.
    static final int MAX_GROUPS = 1_024;

    private static final int LINE = 64 + 1 + 64 + 1;
    private static final Pattern LINE_TEXT = Pattern.compile("[0-9a-f]{64} [0-9a-f]{64}");

    private final Path file;

    /// One of them.
    ///
    /// @param group id of the signing group, 32 bytes
    /// @param descriptor its id, 32 bytes
    record Known(Bytes group, Bytes descriptor) {
        private String line() {
            return group.toHex() + " " + descriptor.toHex() + "\n";
        }
    }

    GroupList(Path file) {
        this.file = file;
    }

    /// All that were noted.
    ///
    /// @throws IOException if the file cannot be read, or is not one of these
    List<Known> read() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        if (Files.size(file) > (long) LINE * MAX_GROUPS) {
            throw new IOException(file + ": more than " + MAX_GROUPS + " groups");
        }
        List<Known> all = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
            if (!LINE_TEXT.matcher(line).matches()) {
                throw new IOException(file + ": not a list of groups");
            }
            all.add(
                    new Known(
                            Bytes.fromHex(line.substring(0, 64)),
                            Bytes.fromHex(line.substring(65))));
        }
        return all;
    }

    /// Notes one more; it is on disk when this returns.
    ///
    /// @throws IOException as [#read], if it cannot be written, or there are [#MAX_GROUPS]
    void add(Known group) throws IOException {
        List<Known> all = new ArrayList<>(read());
        if (all.contains(group)) {
            return;
        }
        if (all.size() >= MAX_GROUPS) {
            throw new IOException(file + ": more than " + MAX_GROUPS + " groups");
        }
        all.add(group);
        DurableFile.replace(
                file,
                all.stream()
                        .map(Known::line)
                        .collect(Collectors.joining())
                        .getBytes(StandardCharsets.US_ASCII));
    }
}
