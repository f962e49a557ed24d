import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Formats every Java source of a module's `src`, or of those of all modules (`apply`), or fails naming those that are not formatted (`check`). */
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
        List<Path> sources = new ArrayList<>();
        for (Path folder : folders(root)) {
            try (Stream<Path> all = Files.walk(folder)) {
                all.filter(p -> p.toString().endsWith(".java")).sorted().forEach(sources::add);
            }
        }
        // All of them, on all cores.
        long wrong = sources.parallelStream().filter(source -> !format(formatter, source, apply)).count();
        if (wrong > 0) {
            System.err.println("Run: mvn -q compile -Dformat.mode=apply");
            System.exit(1);
        }
    }

    private static List<Path> folders(Path root) throws IOException {
        if (!Files.exists(root.resolve("pom.xml"))) {
            return List.of(root);
        }
        try (Stream<Path> modules = Files.list(root)) {
            return modules.filter(module -> Files.exists(module.resolve("pom.xml")))
                    .map(module -> module.resolve("src"))
                    .filter(Files::isDirectory)
                    .sorted()
                    .toList();
        }
    }

    private static boolean format(Formatter formatter, Path source, boolean apply) {
        String before;
        String after;
        try {
            before = Files.readString(source);
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
            try {
                Files.writeString(source, after);
                return true;
            } catch (IOException e) {
                System.err.println("cannot write " + source + ": " + e.getMessage());
                return false;
            }
        }
        System.err.println("not formatted: " + source);
        return false;
    }
}
