package org.tutti.node.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.multiformats.Multiaddr;
import org.tutti.node.json.JsonLine;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.KeyStoreException;
import org.tutti.node.keystore.NodeKeys;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
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
                    + " configuration files get these lines.",
            "Keys are never replaced: a folder that has some is left as it is."
        })
final class NodeInitCommand implements Callable<Integer> {
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
                printMember(peerId, signingKey);
            }
            return ExitCodes.OK;
        } catch (KeyStoreException e) {
            throw new CommandFailed("KEYSTORE", ExitCodes.CONFIG, e.reason(), e);
        }
    }

    private void printMember(String peerId, String signingKey) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("[[members]]");
        out.println("peer_id = \"" + peerId + "\"");
        out.println("signing_key = \"" + signingKey + "\"");
        out.println(
                listen == null
                        ? "# address = \"/ip4/…/tcp/…\"  (give --listen, or write it here)"
                        : "address = \"" + listen + "\"");
    }

    private void checkListen() {
        if (listen == null) {
            return;
        }
        try {
            Multiaddr.parse(listen);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--listen: " + listen + ": " + e.getMessage());
        }
    }
}
