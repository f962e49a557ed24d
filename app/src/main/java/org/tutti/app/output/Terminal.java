package org.tutti.app.output;

import org.tutti.base.PlainText;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;

/// Where the commands print. Line feeds apart, every character that would act on a terminal is
/// written out: what others wrote was refused or cleaned when it came, and is cleaned here once
/// more.
///
/// Threads: any.
public final class Terminal extends PrintWriter {
    private final Writer raw;

    /// @param out flushed after each line
    public Terminal(Writer out) {
        super(new PlainWriter(out), true);
        this.raw = out;
    }

    /// Writes over the line that the cursor is in.
    ///
    /// @param text one line
    /// @param length of what stands there: what is longer than the new text is blanked
    public void redraw(String text, int length) {
        String plain = PlainText.escape(text);
        writeRaw("\r" + plain + " ".repeat(Math.max(0, length - plain.length())));
    }

    /// Blanks the line that the cursor is in.
    ///
    /// @param length of what stands there
    public void clear(int length) {
        writeRaw("\r" + " ".repeat(length) + "\r");
    }

    private void writeRaw(String text) {
        try {
            synchronized (lock) {
                flush();
                raw.write(text);
                raw.flush();
            }
        } catch (IOException e) {
            setError();
        }
    }

    /// Characters one by one may be halves of pairs: only strings are looked at as a whole.
    private static final class PlainWriter extends FilterWriter {
        PlainWriter(Writer out) {
            super(out);
        }

        @Override
        public void write(int c) throws IOException {
            write(Character.toString(c), 0, 1);
        }

        @Override
        public void write(char[] chars, int offset, int length) throws IOException {
            write(new String(chars, offset, length), 0, length);
        }

        @Override
        public void write(String text, int offset, int length) throws IOException {
            String part = text.substring(offset, offset + length);
            if (PlainText.isPlain(part)) {
                out.write(part);
                return;
            }
            int start = 0;
            for (int end = part.indexOf('\n'); end >= 0; end = part.indexOf('\n', start)) {
                out.write(PlainText.escape(part.substring(start, end)));
                out.write('\n');
                start = end + 1;
            }
            out.write(PlainText.escape(part.substring(start)));
        }
    }
}
