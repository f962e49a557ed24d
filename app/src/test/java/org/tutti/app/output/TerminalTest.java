package org.tutti.app.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.StringWriter;

class TerminalTest {
    private final StringWriter written = new StringWriter();
    private final Terminal terminal = new Terminal(written);

    @Test
    void linesStayLines() {
        terminal.print("one\ntwo\n\n");
        terminal.println("three");
        assertThat(written.toString()).isEqualTo("one\ntwo\n\nthree" + System.lineSeparator());
    }

    @Test
    void whatWouldActOnTheTerminalIsWrittenOut() {
        terminal.println("paid\r\u001b[2Kall is well\u202e");
        terminal.write("\u0007", 0, 1);
        terminal.write('\r');
        terminal.write(new char[] {'a', '\u001b', '\n', '\u2028'}, 0, 4);
        terminal.flush();
        assertThat(written.toString())
                .isEqualTo(
                        "paid\\x{d}\\x{1b}[2Kall is well\\x{202e}"
                                + System.lineSeparator()
                                + "\\x{7}\\x{d}a\\x{1b}\n\\x{2028}");
    }

    @Test
    void aLineIsDrawnOverAndCleared() {
        terminal.redraw("10 %\r", 3);
        terminal.redraw("9", 8);
        terminal.clear(8);
        assertThat(written.toString()).isEqualTo("\r10 %\\x{d}\r9       \r        \r");
    }
}
