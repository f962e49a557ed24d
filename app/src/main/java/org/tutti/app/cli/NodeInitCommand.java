package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.tcp.TcpTransport;
import org.tutti.node.files.IoReason;
import org.tutti.node.json.JsonLine;
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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/// `./tutti node init --data DIR`
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = {
            "Make a data folder with this node's two keys, and print what the other members need: their"
                    + " configuration files get these lines, which are also in DIR/member.toml.",
            "Keys are never replaced: a folder that has keys is left as it is."
        })
final class NodeInitCommand implements Callable<Integer> {
    /// What the other members need, in the data folder.
    private static final String MEMBER_FILE = "member.toml";

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
        try (NodeKeys keys = new KeyStore(data).create(new SecureRandom())) {
            String peerId = keys.identity().publicKey().peerId().toString();
            String signingKey = keys.signing().publicKey().bytes().toHex();
            if (json) {
                Map<String, @Nullable Object> line = new LinkedHashMap<>();
                line.put("ok", true);
                line.put("data", data.toString());
                line.put("peerId", peerId);
                line.put("signingKey", signingKey);
                line.put("address", listen);
                spec.commandLine().getOut().println(JsonLine.write(line));
            } else {
                spec.commandLine().getOut().print(member(peerId, signingKey));
            }
            Files.writeString(data.resolve(MEMBER_FILE), member(peerId, signingKey));
            return ExitCodes.OK;
        } catch (KeyStoreException e) {
            throw new CommandFailed("KEYSTORE", ExitCodes.CONFIG, e.reason(), e);
        } catch (IOException e) {
            throw new CommandFailed(
                    "KEYSTORE",
                    ExitCodes.ENVIRONMENT,
                    data.resolve(MEMBER_FILE) + ": cannot be written: " + IoReason.of(e),
                    e);
        }
    }

    /// The table that every member's configuration needs; public.
    private String member(String peerId, String signingKey) {
        return """

        [[members]]
        peer_id = "%s"
        signing_key = "%s"
        %s
        """
                .formatted(
                        peerId,
                        signingKey,
                        listen == null
                                ? "# address = \"/ip4/…/tcp/…\""
                                : "address = \"" + listen + "\"");
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
            throw new ParameterException(
                    spec.commandLine(), "--listen: " + listen + ": " + e.getMessage());
        }
    }
}
