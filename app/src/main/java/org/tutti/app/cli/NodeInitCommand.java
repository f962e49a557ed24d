package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.tcp.TcpTransport;
import org.tutti.node.daemon.Node;
import org.tutti.node.files.IoReason;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonRecords;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.KeyStoreException;
import org.tutti.node.keystore.NodeKeys;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// `./tutti node init --data DIR --network NAME`
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = {
            "Make a data folder with this node's keys, and print what the other members need: their"
                    + " configuration files get these lines, which are also in DIR/member.toml.",
            "DIR/requests.toml is an example of a configuration for a node without a group, which takes"
                    + " requests of others.",
            "The signing key is for one network, and a node refuses it on any other.",
            "Keys are never replaced: a folder that has keys is left as it is."
        })
final class NodeInitCommand implements Callable<Integer> {
    /// What the other members need, in the data folder.
    static final String MEMBER_FILE = "member.toml";

    /// An example of a configuration, in the data folder.
    static final String REQUESTS_FILE = "requests.toml";

    /// What is printed with `--json`.
    ///
    /// @param signingKey compressed, 33 bytes, hex
    /// @param address where the node will be reached, as it was given
    /// @param networkId 32 bytes, hex: what the key is for
    private record Result(
            boolean ok,
            String data,
            String peerId,
            String signingKey,
            Optional<String> address,
            String network,
            String networkId) {}

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "The data folder to make.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path data;

    @Option(
            names = "--network",
            required = true,
            paramLabel = "NAME",
            description =
                    "The network that the signing key is for, as configuration files write it: mainnet,"
                            + " testnet3, testnet4, signet or regtest.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String networkName;

    @Option(
            names = "--signet-challenge",
            paramLabel = "HEX",
            description = "With --network signet: the challenge script of another signet.")
    private @Nullable String signetChallenge;

    @Option(
            names = "--listen",
            paramLabel = "MULTIADDR",
            description =
                    "Where the node will be reached, as /ip4/127.0.0.1/tcp/7001: printed with the keys.")
    private @Nullable String listen;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        checkListen();
        Network network = network();
        try (NodeKeys keys = new KeyStore(data).create(network, new SecureRandom())) {
            String member = member(keys, network);
            Node.makeJournal(data, new SecureRandom());
            if (json) {
                Result result =
                        new Result(
                                true,
                                data.toString(),
                                peerId(keys),
                                signingKey(keys),
                                Optional.ofNullable(listen),
                                network.name(),
                                keys.network().toHex());
                spec.commandLine().getOut().println(JsonLine.write(JsonRecords.fields(result)));
            } else {
                spec.commandLine().getOut().print(member);
            }
            Files.writeString(data.resolve(MEMBER_FILE), member);
            Files.writeString(data.resolve(REQUESTS_FILE), requests(network));
            return ExitCodes.OK;
        } catch (KeyStoreException e) {
            if (!json && Files.exists(data.resolve(MEMBER_FILE))) {
                // Whoever makes keys once more has often lost what the first time printed.
                spec.commandLine().getOut().print(NodeMemberCommand.lines(data));
            }
            throw new CommandFailed("KEYSTORE", ExitCodes.CONFIG, e.reason(), e);
        } catch (IOException e) {
            throw new CommandFailed(
                    "KEYSTORE",
                    ExitCodes.ENVIRONMENT,
                    data + ": cannot be written: " + IoReason.of(e),
                    e);
        }
    }

    private static String peerId(NodeKeys keys) {
        return keys.identity().publicKey().peerId().toString();
    }

    private static String signingKey(NodeKeys keys) {
        return keys.signing().publicKey().bytes().toHex();
    }

    /// The table that every member's configuration needs; public.
    private String member(NodeKeys keys, Network network) {
        return """

        [[members]]
        # keys for network = "%s", id %s
        peer_id = "%s"
        signing_key = "%s"
        %s
        """
                .formatted(
                        network.name(),
                        keys.network().toHex(),
                        peerId(keys),
                        signingKey(keys),
                        listen == null
                                ? "# address = \"/ip4/…/tcp/…\""
                                : "address = \"" + listen + "\"");
    }

    /// A node without a group, as it could begin.
    private String requests(Network network) {
        return """
        # A node without a group, which signs what others request. Every key is explained in
        # docs/operating.md, "Configuration" and "Requests of others".
        data = "."
        listen = "%s"
        network = "%s"

        [bitcoin]
        peers = ["127.0.0.1:18444"]

        # Servers of a DHT, through which signers are found: ./tutti p2p listen --dht server --contacts %s
        # [dht]
        # bootstrap = ["/ip4/…/tcp/…/p2p/…"]

        [requests]
        # ask: you decide on each (./tutti request join or refuse). rules: what these rules allow is joined.
        mode = "ask"
        # max_amount_sat = 1_000_000
        # max_amount_per_day_sat = 5_000_000
        # max_fee_sat = 10_000
        # types = ["spend", "swap"]
        # requesters = ["02…"]
        # destinations = ["…"]
        # any_destination = false
        # raw = false
        # step_by_step = false

        # [requests.contacts]
        # alice = "02…"
        """
                .formatted(
                        listen == null ? "/ip4/0.0.0.0/tcp/9001" : listen,
                        network.name(),
                        network.name());
    }

    private Network network() {
        Network network =
                Network.byName(networkName)
                        .orElseThrow(() ->
                                wrong(
                                        "--network: "
                                                + networkName
                                                + ": not one of "
                                                + Network.all().stream()
                                                        .map(Network::name)
                                                        .collect(Collectors.joining(", "))));
        if (signetChallenge == null) {
            return network;
        }
        if (!network.equals(Network.SIGNET)) {
            throw wrong("--signet-challenge: only with --network signet");
        }
        try {
            return Network.signet(Script.fromHex(signetChallenge));
        } catch (IllegalArgumentException e) {
            throw wrong("--signet-challenge: not hex: " + signetChallenge);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void checkListen() {
        if (listen == null) {
            return;
        }
        try {
            if (Multiaddr.parse(listen).peerId().isPresent()) {
                throw new IllegalArgumentException(
                        "leave out the /p2p/ part: it follows from the keys that are made now");
            }
            if (!new TcpTransport().handles(Multiaddr.parse(listen))) {
                throw new IllegalArgumentException("only TCP addresses are supported so far");
            }
        } catch (IllegalArgumentException e) {
            throw wrong("--listen: " + listen + ": " + e.getMessage());
        }
    }
}
