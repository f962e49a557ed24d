package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.node.api.RequestInfo;
import org.tutti.node.api.RequestOrder;
import org.tutti.node.files.IoReason;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `./tutti request create --data DIR --keys KEY,… --psbt BASE64`
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = {
            "Ask the signers with these keys to sign a transaction (PSBT) with this node. It reaches"
                    + " those who are away when they return, also from others while this node is away.",
            "Type, amount, description and purpose are for people: every signer's policy reads the"
                    + " transaction itself."
        })
final class RequestCreateCommand implements Callable<Integer> {
    /// A PSBT in base64, with room for line breaks.
    private static final int MAX_FILE = 2 * Psbt.MAX_BYTES;

    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--keys",
            required = true,
            split = ",",
            paramLabel = "KEY",
            description =
                    "All signers' keys, this node's among them: 66 hex digits, or names of"
                            + " [requests.contacts].")
    @SuppressWarnings("NullAway.Init") // by picocli
    private List<String> keys;

    @Option(names = "--psbt", paramLabel = "BASE64", description = "The transaction.")
    private @Nullable String psbt;

    @Option(
            names = "--psbt-file",
            paramLabel = "FILE",
            description = "The transaction, from a file: PSBT as it is, or in base64.")
    private @Nullable Path psbtFile;

    @Option(
            names = "--hash",
            paramLabel = "HEX",
            description =
                    "A 32-byte message without a transaction; may be given again. Most signers refuse"
                            + " it.")
    private List<String> hashes = List.of();

    @Option(
            names = "--key-path",
            description =
                    "With --hash: sign with the key of the address (BIP341), not with the aggregate key"
                            + " itself.")
    private boolean keyPath;

    @Option(
            names = "--as-given",
            description = "With --hash: aggregate the keys in this order, not sorted.")
    private boolean asGiven;

    @Option(
            names = "--amount-sat",
            paramLabel = "SAT",
            description = "For people (default: what the transaction takes from the keys' coins).")
    private @Nullable Long amount;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "Such as spend or swap (default: spend).")
    private @Nullable String type;

    @Option(names = "--description", paramLabel = "TEXT", description = "What it is, for people.")
    private @Nullable String description;

    @Option(names = "--purpose", paramLabel = "TEXT", description = "What for, for people.")
    private @Nullable String purpose;

    @Option(
            names = "--election",
            paramLabel = "METHOD",
            description = "Who coordinates: lexicographic, hash, first or last (default: hash).")
    private @Nullable String election;

    @Option(
            names = "--expires-in",
            paramLabel = "SECONDS",
            description = "How long it counts, up to 14 days (default: one day).")
    private @Nullable Long expires;

    @Option(
            names = "--birthday",
            paramLabel = "HEIGHT",
            description =
                    "There are no coins of these keys in blocks below it; signers look for older ones from"
                            + " there on, and without it for none.")
    private @Nullable Long birthday;

    @Override
    public Integer call() {
        int given =
                (psbt == null ? 0 : 1) + (psbtFile == null ? 0 : 1) + (hashes.isEmpty() ? 0 : 1);
        if (given != 1) {
            throw wrong("one of --psbt, --psbt-file and --hash is needed");
        }
        if (hashes.isEmpty() && (keyPath || asGiven)) {
            throw wrong("--key-path and --as-given: only with --hash");
        }
        RequestOrder order =
                new RequestOrder(
                        keys,
                        psbtFile == null ? Optional.ofNullable(psbt) : Optional.of(read(psbtFile)),
                        hashes.isEmpty() ? Optional.empty() : Optional.of(hashes),
                        keyPath ? Optional.of(true) : Optional.empty(),
                        asGiven ? Optional.of(true) : Optional.empty(),
                        Optional.ofNullable(amount),
                        Optional.ofNullable(type),
                        Optional.ofNullable(description),
                        Optional.ofNullable(purpose),
                        Optional.ofNullable(election),
                        Optional.ofNullable(expires),
                        Optional.ofNullable(birthday));
        RequestInfo made = control.ask(RequestCommand.TIMEOUT, node -> node.createRequest(order));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(made));
        } else {
            RequestText.print(out, made);
        }
        return ExitCodes.OK;
    }

    /// Base64, whichever form the file has.
    private static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE + 1);
            if (bytes.length > MAX_FILE) {
                throw new CommandFailed(
                        "BAD_PSBT", ExitCodes.FAILED, file + ": more than " + MAX_FILE + " bytes");
            }
            boolean binary = bytes.length > 4 && bytes[4] == (byte) 0xff;
            return binary
                    ? Base64.getEncoder().encodeToString(bytes)
                    : new String(bytes, StandardCharsets.US_ASCII).replaceAll("\\s", "");
        } catch (IOException e) {
            throw new CommandFailed(
                    "BAD_PSBT",
                    ExitCodes.ENVIRONMENT,
                    file + ": cannot be read: " + IoReason.of(e),
                    e);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
