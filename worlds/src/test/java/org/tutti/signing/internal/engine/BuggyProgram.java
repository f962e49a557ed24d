package org.tutti.signing.internal.engine;

import com.google.protobuf.Message;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// The program with one planted bug: the classes of the changed source files, compiled in memory,
/// and all others of signing and wallet once more, so that they use the changed ones. Nothing is
/// written, and the program itself needs no switch for it.
final class BuggyProgram extends ClassLoader {
    private static final List<String> PACKAGES = List.of("org.tutti.signing.", "org.tutti.wallet.");
    private static final String GENERATED = "org.tutti.signing.pb.";

    private final Map<String, byte[]> changed = new HashMap<>();

    BuggyProgram(List<PlantedBug.Edit> edits) throws IOException {
        super(BuggyProgram.class.getClassLoader());
        Map<String, String> sources = new HashMap<>();
        for (PlantedBug.Edit edit : edits) {
            String source = sources.get(edit.source());
            sources.put(edit.source(), edited(source == null ? read(edit) : source, edit));
        }
        compile(sources);
    }

    private static String read(PlantedBug.Edit edit) throws IOException {
        return Files.readString(
                Path.of(System.getProperty("tutti.root"))
                        .resolve(edit.module())
                        .resolve("src/main/java")
                        .resolve(edit.source()));
    }

    private static String edited(String source, PlantedBug.Edit edit) {
        String text =
                edit.text()
                        .chars()
                        .filter(c -> !Character.isWhitespace(c))
                        .mapToObj(c -> Pattern.quote(String.valueOf((char) c)))
                        .collect(Collectors.joining("\\s*"));
        Matcher matcher = Pattern.compile(text).matcher(source);
        if (!matcher.find()) {
            throw new IllegalStateException(
                    "the text is not in " + edit.file() + " any more: " + edit.text());
        }
        int start = matcher.start();
        int end = matcher.end();
        if (matcher.find()) {
            throw new IllegalStateException(
                    "the text is twice in " + edit.file() + ": " + edit.text());
        }
        return source.substring(0, start) + edit.replacement() + source.substring(end);
    }

    private void compile(Map<String, String> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((file, source) -> units.add(new Source(file, source)));
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        try (JavaFileManager files =
                new Memory(compiler.getStandardFileManager(diagnostics, null, null))) {
            boolean compiled =
                    compiler.getTask(
                                    null,
                                    files,
                                    diagnostics,
                                    List.of("-proc:none", "-nowarn", "-classpath", classPath()),
                                    null,
                                    units)
                            .call();
            if (!compiled) {
                throw new IllegalStateException(diagnostics.getDiagnostics().toString());
            }
        }
    }

    /// Where the classes of this process come from, however it was started.
    private static String classPath() {
        return Stream.concat(
                        Stream.of(
                                        SessionEngine.class,
                                        Bytes.class,
                                        PeerId.class,
                                        PublicKey.class,
                                        Message.class,
                                        Nullable.class)
                                .map(type -> type.getProtectionDomain().getCodeSource())
                                .map(source -> Path.of(URI.create(source.getLocation().toString())))
                                .map(Path::toString)
                                .distinct(),
                        Stream.of(System.getProperty("java.class.path")))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String source;

        Source(String file, String source) {
            super(URI.create("string:///" + file), Kind.SOURCE);
            this.source = source;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
        }
    }

    /// Keeps the classes that the compiler makes.
    private final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
        Memory(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + name), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return new ByteArrayOutputStream() {
                        @Override
                        public void close() {
                            changed.put(name, toByteArray());
                        }
                    };
                }
            };
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (PACKAGES.stream().noneMatch(name::startsWith) || name.startsWith(GENERATED)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        byte[] bytes = changed.get(name);
        if (bytes == null) {
            try (InputStream in =
                    getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                bytes = in.readAllBytes();
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
        return defineClass(name, bytes, 0, bytes.length);
    }
}
