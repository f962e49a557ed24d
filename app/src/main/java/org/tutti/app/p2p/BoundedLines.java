package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// Lines of an input, none of which takes more memory than it may. For one thread.
final class BoundedLines {
    /// @param text without the line feed; the beginning alone if `tooLong`
    record Line(String text, boolean tooLong) {}

    private final InputStream input;
    private final int maxBytes;

    BoundedLines(InputStream input, int maxBytes) {
        this.input = new BufferedInputStream(input);
        this.maxBytes = maxBytes;
    }

    /// The next line, the last one also where no line feed follows; null at the end.
    @Nullable Line next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean tooLong = false;
        int next = input.read();
        if (next < 0) {
            return null;
        }
        while (next >= 0 && next != '\n') {
            if (line.size() < maxBytes) {
                line.write(next);
            } else {
                tooLong = true;
            }
            next = input.read();
        }
        return new Line(line.toString(StandardCharsets.UTF_8), tooLong);
    }
}
