package org.tutti.lightclient.headers;

import static org.assertj.core.api.Assertions.assertThat;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.codec.DecodeException;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/// The files of real headers.
public final class HeaderVectors {
    private HeaderVectors() {}

    /// The bytes of a file, unpacked if its name ends in `.gz`.
    ///
    /// @param name folder and file
    public static byte[] bytes(String name) {
        Path path = Path.of(System.getProperty("tutti.vectors")).resolve(name);
        assertThat(path).as("vector file").exists();
        try (InputStream file = Files.newInputStream(path);
                InputStream in = name.endsWith(".gz") ? new GZIPInputStream(file) : file) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /// Headers of 80 bytes, one after the other.
    public static List<BlockHeader> headers(String name) {
        byte[] file = bytes(name);
        List<BlockHeader> headers = new ArrayList<>();
        for (int at = 0; at < file.length; at += BlockHeader.LENGTH) {
            headers.add(header(Bytes.of(file, at, at + BlockHeader.LENGTH)));
        }
        return headers;
    }

    public static BlockHeader header(Bytes bytes) {
        try {
            return BlockHeader.parse(bytes);
        } catch (DecodeException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static JsonNode json(String name) {
        return JsonMapper.shared().readTree(bytes(name));
    }

    static List<String> lines(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8).lines().toList();
    }

    /// One line of the table of retargets.
    record Boundary(BlockHeader header, String hash, BigInteger work) {}

    /// First and last headers of mainnet's periods by height.
    static SortedMap<Integer, Boundary> retargets() {
        SortedMap<Integer, Boundary> boundaries = new TreeMap<>();
        lines("headers-mainnet/mainnet_retarget_boundaries_0-832608.csv.gz").stream()
                .skip(1)
                .map(line -> line.split(",", -1))
                .forEach(fields ->
                        boundaries.put(
                                Integer.valueOf(fields[0]),
                                new Boundary(
                                        header(Bytes.fromHex(fields[2])),
                                        fields[1],
                                        new BigInteger(fields[3], 16))));
        return boundaries;
    }

    /// Where a run of mainnet headers stands: from the table of retargets.
    public static ChainStart mainnetStart(BlockHeader header, int height) {
        int first = height - height % HeaderRules.PERIOD;
        BlockHeader period = Objects.requireNonNull(retargets().get(first)).header();
        return new ChainStart(header, new ChainStart.Anchor(height, period.bits(), period.time()));
    }
}
