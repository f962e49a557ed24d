package org.tutti.libp2p;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The official vector files of the repository's `vectors/` folder.
public final class Vectors {
    private Vectors() {}

    public static Path path(String name) {
        Path path = Path.of(System.getProperty("tutti.vectors"), name);
        if (!Files.exists(path)) {
            throw new AssertionError("vector file is missing: " + path);
        }
        return path;
    }

    public static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<String> lines(String name) {
        try {
            return Files.readAllLines(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode json(String name) {
        return JsonMapper.shared().readTree(bytes(name));
    }
}
