import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Formats every Java source below a folder (`apply`), or fails naming those that are not formatted (`check`). */
public class Format {
    public static void main(String[] args) throws Exception {
        boolean apply = args[0].equals("apply");
        Path root = Path.of(args[1]);
        if (!Files.isDirectory(root)) {
            return;
        }
        Formatter formatter =
                new Formatter(
                        JavaFormatterOptions.builder().style(JavaFormatterOptions.Style.AOSP).build());
        List<Path> sources;
        try (Stream<Path> all = Files.walk(root)) {
            sources = all.filter(p -> p.toString().endsWith(".java")).sorted().toList();
        }
        boolean clean = true;
        for (Path source : sources) {
            clean &= format(formatter, source, apply);
        }
        if (!clean) {
            System.err.println("Run: mvn -q compile -Dformat.mode=apply");
            System.exit(1);
        }
    }

    private static boolean format(Formatter formatter, Path source, boolean apply) throws IOException {
        String before = Files.readString(source);
        String after;
        try {
            String imports = RemoveUnusedImports.removeUnusedImports(before);
            after = formatter.formatSource(ImportOrderer.reorderImports(imports, JavaFormatterOptions.Style.AOSP));
        } catch (Exception e) {
            System.err.println("cannot format " + source + ": " + e.getMessage());
            return false;
        }
        if (after.equals(before)) {
            return true;
        }
        if (apply) {
            Files.writeString(source, after);
            return true;
        }
        System.err.println("not formatted: " + source);
        return false;
    }
}
