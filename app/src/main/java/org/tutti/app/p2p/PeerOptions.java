package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.node.json.JsonLine;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;

/// What both commands have in common: a fresh identity, and how they print.
final class PeerOptions {
    /// The kinds of identity that we can make.
    enum Identity {
        ED25519(KeyType.ED25519),
        SECP256K1(KeyType.SECP256K1);

        private final KeyType type;

        Identity(KeyType type) {
            this.type = type;
        }
    }

    @Option(
            names = "--key-type",
            paramLabel = "TYPE",
            defaultValue = "ed25519",
            description =
                    "Kind of the fresh identity key: ed25519 or secp256k1 (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Identity identity;

    @Option(names = "--json", description = "Print JSON, one object a line.")
    boolean json;

    PrivateKey freshKey() {
        return Keys.generate(identity.type, new SecureRandom());
    }

    /// Prints the fields as JSON, or the sentence.
    void print(PrintWriter out, Map<String, @Nullable Object> fields, String sentence) {
        out.println(json ? JsonLine.write(fields) : sentence);
        out.flush();
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
