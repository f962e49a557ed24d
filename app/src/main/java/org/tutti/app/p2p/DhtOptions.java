package org.tutti.app.p2p;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.record.PublicKeyValidator;
import org.tutti.libp2p.kad.record.SignedRecordValidator;
import org.tutti.libp2p.multiaddr.Multiaddr;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Which DHT, and which values are valid in it.
final class DhtOptions {
    @Option(
            names = "--bootstrap",
            paramLabel = "MULTIADDR",
            converter = PeerOptions.MultiaddrConverter.class,
            description = "A peer of the DHT to begin with; may be given again.")
    List<Multiaddr> bootstrap = List.of();

    @Option(
            names = {"--protocol", "--dht-protocol"},
            paramLabel = "ID",
            defaultValue = Kademlia.TUTTI,
            description = "Which DHT (default: ${DEFAULT-VALUE}); /ipfs/kad/1.0.0 is that of IPFS.")
    @SuppressWarnings("NullAway.Init") // by picocli
    String protocol;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            defaultValue = "tutti",
            description = "Of which network signed records are (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    String network;

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            defaultValue = "tutti",
            description =
                    "A namespace of signed records; may be given again (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    List<String> namespaces;

    @Option(
            names = "--contacts",
            paramLabel = "NETWORK",
            converter = NetworkConverter.class,
            description =
                    "Keep also what signers on this Bitcoin network (mainnet, testnet3, testnet4,"
                            + " signet, regtest) say of where they are asked; may be given again.")
    List<Network> contacts = List.of();

    @Option(
            names = "--open-namespace",
            paramLabel = "NAME",
            description =
                    "A namespace in which every value is valid and the largest counts most, to try other"
                            + " programs with: anybody can put anything there. May be given again.")
    List<String> open = List.of();

    @Option(
            names = "--public",
            description = "The DHT is one of the internet: private addresses are left out.")
    boolean publicNetwork;

    /// Reads the name of a Bitcoin network.
    static final class NetworkConverter implements ITypeConverter<Network> {
        @Override
        public Network convert(String text) {
            return Network.byName(text)
                    .orElseThrow(() -> new TypeConversionException(text + ": no such network"));
        }
    }

    /// @throws IllegalArgumentException naming the option that is wrong
    Kademlia.Builder builder() {
        Kademlia.Builder builder =
                Kademlia.builder().protocol(protocol).validator(new PublicKeyValidator());
        for (String namespace : namespaces) {
            builder.validator(new SignedRecordValidator(networkBytes(), namespace));
        }
        for (Network of : contacts) {
            builder.validator(new SignedRecordValidator(of.id(), Coordinator.DHT_NAMESPACE));
            builder.validator(new SignedRecordValidator(of.id(), Coordinator.ADVERT_NAMESPACE));
        }
        open.forEach(n -> builder.validator(new OpenValidator(n)));
        return publicNetwork ? builder.publicNetwork() : builder;
    }

    Bytes networkBytes() {
        return bytes(network);
    }

    boolean isSigned(String namespace) {
        return namespaces.contains(namespace);
    }

    static Bytes bytes(String text) {
        return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
