package org.tutti.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What the docs quote of the examples stands there word for word: a block of Java behind a comment
/// that names its file, indented less if need be.
class QuotesTest {
    private static final Path ROOT = Path.of(System.getProperty("tutti.root", ".."));

    private static final Pattern QUOTE =
            Pattern.compile("<!-- quoted: (\\S+) -->\\n```java\\n(.*?)```\\n", Pattern.DOTALL);

    private record Quote(Path doc, String file, String text) {}

    private static List<Quote> quotes() throws IOException {
        List<Quote> quotes = new ArrayList<>();
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            for (Path doc : docs.filter(d -> d.toString().endsWith(".md")).sorted().toList()) {
                Matcher found = QUOTE.matcher(Files.readString(doc));
                while (found.find()) {
                    quotes.add(new Quote(doc, found.group(1), found.group(2)));
                }
            }
        }
        return quotes;
    }

    /// The text with so much more before each line that is not empty.
    private static String indented(String text, int by) {
        return text.lines()
                .map(line -> line.isEmpty() ? "\n" : " ".repeat(by) + line + "\n")
                .reduce("", String::concat);
    }

    @Test
    void everyQuoteIsWordForWord() throws IOException {
        List<Quote> quotes = quotes();
        assertThat(quotes).hasSizeGreaterThanOrEqualTo(7);
        for (Quote quote : quotes) {
            String source = "\n" + Files.readString(ROOT.resolve(quote.file));
            assertThat(quote.text).isNotBlank();
            assertThat(Stream.of(0, 4, 8, 12))
                    .as("%s quotes %s:%n%s", quote.doc, quote.file, quote.text)
                    .anyMatch(by -> source.contains("\n" + indented(quote.text, by)));
        }
    }

    @Test
    void everyExampleForNewcomersIsQuoted() throws IOException {
        List<String> files =
                quotes().stream()
                        .filter(q -> q.doc.endsWith("libp2p-for-newcomers.md"))
                        .map(q -> Path.of(q.file).getFileName().toString())
                        .toList();
        assertThat(files)
                .contains(
                        "NewIdentity.java",
                        "Listen.java",
                        "PingPeer.java",
                        "Neighbours.java",
                        "Shout.java",
                        "GatedEcho.java");
    }
}
