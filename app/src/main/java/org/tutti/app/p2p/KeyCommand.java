package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.identity.IdentityFile;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.node.files.IoReason;
import org.tutti.node.json.JsonLine;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/// `./tutti p2p key`: makes an identity.
@Command(
        name = "key",
        mixinStandardHelpOptions = true,
        description =
                "Make an identity in a new file that only its owner may read, and print its peer id.")
final class KeyCommand implements Callable<Integer> {
    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "The file to make; one that is there is never replaced.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path out;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = "ed25519",
            description =
                    "Kind of the key: ed25519, secp256k1, ecdsa or rsa (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    private PeerOptions.Identity type;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrivateKey key = Keys.generate(type.type(), new SecureRandom());
        try {
            IdentityFile.create(out, key);
        } catch (IOException e) {
            throw new CommandFailed(
                    "KEY_FILE", ExitCodes.ENVIRONMENT, out + ": " + IoReason.of(e), e);
        }
        PrintWriter printer = spec.commandLine().getOut();
        if (json) {
            Map<String, @Nullable Object> fields = PeerOptions.fields();
            fields.put("ok", true);
            fields.put("peerId", key.publicKey().peerId());
            fields.put("type", type.name().toLowerCase(Locale.ROOT));
            fields.put("file", out.toString());
            printer.println(JsonLine.write(fields));
        } else {
            printer.println(key.publicKey().peerId());
        }
        return ExitCodes.OK;
    }
}
