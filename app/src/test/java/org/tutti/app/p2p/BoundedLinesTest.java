package org.tutti.app.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.app.p2p.BoundedLines.Line;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

class BoundedLinesTest {
    private static List<Line> read(String text) throws IOException {
        BoundedLines lines =
                new BoundedLines(
                        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), 4);
        List<Line> read = new ArrayList<>();
        for (Line line = lines.next(); line != null; line = lines.next()) {
            read.add(line);
        }
        return read;
    }

    @Test
    void linesEndAtLineFeedsAndAtTheEnd() throws Exception {
        assertThat(read("")).isEmpty();
        assertThat(read("a\n\nbcde"))
                .containsExactly(
                        new Line("a", false), new Line("", false), new Line("bcde", false));
        assertThat(read("a\n")).containsExactly(new Line("a", false));
    }

    @Test
    void whatIsTooLongIsCutAndSkipped() throws Exception {
        assertThat(read("abcdefgh\nok\n"))
                .containsExactly(new Line("abcd", true), new Line("ok", false));
    }
}
