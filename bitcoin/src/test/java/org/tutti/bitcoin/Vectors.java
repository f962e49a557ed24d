package org.tutti.bitcoin;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;

import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/// Reads the official vectors, and fails naming the file where one is missing.
public final class Vectors {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Vectors() {}

    /// @param name folder and file, as `bip341/wallet-test-vectors.json`
    public static byte[] raw(String name) {
        Path file = Path.of(System.getProperty("tutti.vectors")).resolve(name);
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("vector file " + file + " cannot be read", e);
        }
    }

    public static byte[] gunzip(String name) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(raw(name)))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("vector file " + name + " is not gzip", e);
        }
    }

    public static String text(String name) {
        return new String(raw(name), StandardCharsets.UTF_8);
    }

    public static JsonNode json(String name) {
        return JSON.readTree(raw(name));
    }

    /// A JSON file in which commas may trail, as Bitcoin Core's `script_assets_test` has them.
    public static JsonNode lenientJson(String name) {
        return JsonMapper.builder()
                .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                .build()
                .readTree(raw(name));
    }

    /// The names of a folder's files with this ending, as `musig2-psbt/….json`, in order.
    public static List<String> files(String folder, String ending) {
        Path root = Path.of(System.getProperty("tutti.vectors"));
        try (Stream<Path> files = Files.list(root.resolve(folder))) {
            List<String> names =
                    files.map(file -> folder + "/" + file.getFileName())
                            .filter(name -> name.endsWith(ending))
                            .sorted()
                            .toList();
            if (names.isEmpty()) {
                throw new IllegalStateException("no *" + ending + " in vectors/" + folder);
            }
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException("vector folder " + folder + " cannot be read", e);
        }
    }

    public static JsonNode parse(String json) {
        return JSON.readTree(json);
    }

    /// One JSON value in each line of a gzip file.
    public static void eachJsonLine(String name, Consumer<JsonNode> action) {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new ByteArrayInputStream(gunzip(name)), StandardCharsets.UTF_8))) {
            lines.lines().map(JSON::readTree).forEach(action);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Bytes hex(JsonNode node) {
        return Bytes.fromHex(node.asString());
    }

    /// The blocks of a `blk*.dat` file: magic, length, block, again and again.
    public static List<Bytes> blocks(byte[] file) {
        List<Bytes> blocks = new java.util.ArrayList<>();
        try {
            WireReader in = new WireReader(file);
            while (in.remaining() > 0) {
                in.u32();
                blocks.add(in.bytes((int) in.u32()));
            }
        } catch (DecodeException e) {
            throw new IllegalStateException(e);
        }
        return blocks;
    }
}
