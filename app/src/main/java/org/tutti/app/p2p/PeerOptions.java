package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.IdentityFile;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.record.FileSequenceStorage;
import org.tutti.libp2p.kad.record.SequenceSource;
import org.tutti.libp2p.kad.record.SequenceStorage;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.node.files.IoReason;
import org.tutti.node.json.JsonLine;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// What commands have in common: an identity, and how they print.
final class PeerOptions {
    /// The kinds of identity that we can make.
    enum Identity {
        ED25519(KeyType.ED25519),
        SECP256K1(KeyType.SECP256K1),
        ECDSA(KeyType.ECDSA),
        RSA(KeyType.RSA);

        private final KeyType type;

        Identity(KeyType type) {
            this.type = type;
        }

        KeyType type() {
            return type;
        }
    }

    /// How connections are secured; one kind so far.
    enum Security {
        NOISE
    }

    @Option(
            names = "--security",
            paramLabel = "PROTOCOL",
            defaultValue = "noise",
            description = "How connections are secured: noise (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Security security;

    @Option(
            names = "--key-type",
            paramLabel = "TYPE",
            defaultValue = "ed25519",
            description =
                    "Kind of the fresh identity key: ed25519, secp256k1, ecdsa or rsa (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Identity identity;

    @Option(
            names = {"--key", "--identity"},
            paramLabel = "FILE",
            description = "The identity in this file, made by p2p key, in place of a fresh one.")
    private @Nullable Path keyFile;

    @Option(names = "--json", description = "Print JSON, one object a line.")
    boolean json;

    /// A host with this identity and security.
    HostBuilder host() {
        return host(key());
    }

    /// A host with an identity that `key` gave.
    HostBuilder host(PrivateKey identity) {
        return switch (security) {
            // The default of a host: it needs the identity, and the names of the muxers.
            case NOISE -> Host.builder().identity(identity);
        };
    }

    /// The identity of the file, or a fresh one.
    PrivateKey key() {
        if (keyFile != null) {
            return load(keyFile);
        }
        return Keys.generate(identity.type, new SecureRandom());
    }

    /// The sequence of a new record of the identity: above all that it used before, which stand in
    /// a file beside its own.
    ///
    /// @throws IOException if that cannot be read or written, or the clock went back
    long nextSequence() throws IOException {
        SequenceStorage storage =
                keyFile == null
                        ? SequenceStorage.none()
                        : new FileSequenceStorage(
                                keyFile.resolveSibling(keyFile.getFileName() + ".sequence"));
        return new SequenceSource(storage).next(Instant.now());
    }

    private static PrivateKey load(Path file) {
        try {
            return IdentityFile.load(file);
        } catch (IOException e) {
            throw new CommandFailed("KEY_FILE", ExitCodes.CONFIG, file + ": " + IoReason.of(e), e);
        } catch (KeyFormatException e) {
            throw new CommandFailed(
                    "KEY_FILE",
                    ExitCodes.CONFIG,
                    file + ": not a libp2p private key: " + e.getMessage(),
                    e);
        }
    }

    /// Prints the fields as JSON, or the sentence.
    void print(PrintWriter out, Map<String, @Nullable Object> fields, String sentence) {
        out.println(line(fields, sentence));
        out.flush();
    }

    /// The fields as JSON, or the sentence.
    String line(Map<String, @Nullable Object> fields, String sentence) {
        return json ? JsonLine.write(fields) : sentence;
    }

    static Map<String, @Nullable Object> fields() {
        return new LinkedHashMap<>();
    }

    /// Reads a multiaddr, or reports what is wrong with it.
    static final class MultiaddrConverter implements ITypeConverter<Multiaddr> {
        @Override
        public Multiaddr convert(String text) {
            try {
                return Multiaddr.parse(text);
            } catch (MultiformatException e) {
                throw new TypeConversionException(text + ": " + e.getMessage());
            }
        }
    }
}
