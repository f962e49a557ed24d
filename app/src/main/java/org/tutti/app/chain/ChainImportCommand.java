package org.tutti.app.chain;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.ChainStart;
import org.tutti.lightclient.headers.HeaderBatch;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderSource;
import org.tutti.lightclient.headers.HeaderVerdict;
import org.tutti.node.files.IoReason;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;

/// `./tutti chain import FILE`
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Check headers by all rules of the network and keep them: 80 bytes each, one after the other,"
                    + " packed with gzip or not.",
            "Branches of what is there are kept too. Without --anchor the first header is genesis, or"
                    + " follows one that is there.",
            "Exit code 1 if one breaks a rule; those before it are kept."
        })
final class ChainImportCommand implements Callable<Integer> {
    private static final int GZIP_MAGIC_1 = 0x1f;
    private static final int GZIP_MAGIC_2 = 0x8b;

    @Mixin private final ChainOptions options = new ChainOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--anchor",
            paramLabel = "HEIGHT,BITS,TIME",
            description =
                    "For a chain that begins in the middle: the height of its first header, the bits of"
                            + " that header's period in hex, and the Unix time of the period's first"
                            + " block.")
    private @Nullable String anchor;

    @Parameters(paramLabel = "FILE", description = "The headers.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path file;

    /// What the import came to.
    private record Outcome(boolean ok, Map<String, @Nullable Object> answer) {}

    @Override
    public Integer call() {
        try (InputStream in = open()) {
            byte[] first = in.readNBytes(BlockHeader.LENGTH);
            if (first.length < BlockHeader.LENGTH) {
                throw badFile("no header of 80 bytes");
            }
            Optional<ChainStart> start = start(HeaderBatch.wrap(first).get(0));
            Outcome outcome = options.withChain(start, chain -> take(chain, first, in));
            options.print(spec.commandLine().getOut(), outcome.answer());
            return outcome.ok() ? ExitCodes.OK : ExitCodes.FAILED;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private InputStream open() throws IOException {
        BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        in.mark(2);
        boolean packed = in.read() == GZIP_MAGIC_1 && in.read() == GZIP_MAGIC_2;
        in.reset();
        return packed ? new BufferedInputStream(new GZIPInputStream(in), 1 << 16) : in;
    }

    /// Where a new chain begins; nothing where one is there or genesis is meant.
    private Optional<ChainStart> start(BlockHeader first) {
        Network network = options.network();
        if (anchor != null) {
            ChainStart start = new ChainStart(first, parse(anchor));
            start.fault(network)
                    .ifPresent(fault -> {
                        throw new CommandFailed("BAD_ANCHOR", ExitCodes.FAILED, fault);
                    });
            return Optional.of(start);
        }
        BlockHash genesis = network.genesisHash();
        boolean fromGenesis = first.hash().equals(genesis) || first.previous().equals(genesis);
        if (!fromGenesis && !options.exists()) {
            // Before a folder is made that begins elsewhere than is meant.
            throw new CommandFailed(
                    "NEEDS_ANCHOR",
                    ExitCodes.FAILED,
                    file
                            + ": begins in the middle of a chain, or is of another network than "
                            + network
                            + "; --anchor says where");
        }
        return Optional.empty();
    }

    private static ChainStart.Anchor parse(String text) {
        String[] parts = text.split(",", -1);
        try {
            if (parts.length == 3) {
                return new ChainStart.Anchor(
                        Integer.parseInt(parts[0]),
                        Long.parseLong(parts[1], 16),
                        Long.parseLong(parts[2]));
            }
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("USAGE", ExitCodes.USAGE, "--anchor: " + e.getMessage(), e);
        }
        throw ChainOptions.usage("--anchor: HEIGHT,BITS,TIME, not " + text);
    }

    private Outcome take(HeaderChain chain, byte[] first, InputStream in) {
        int before = chain.size();
        long read = 0;
        byte[] next = first;
        while (next.length > 0) {
            if (next.length % BlockHeader.LENGTH != 0) {
                return failed(chain, before, read, "CUT_OFF", "it ends within a header");
            }
            HeaderBatch batch = HeaderBatch.wrap(next);
            read += batch.size();
            HeaderVerdict verdict =
                    chain.accept(new HeaderSource.Operator(), batch, Clock.systemUTC().instant());
            switch (verdict) {
                case HeaderVerdict.Accepted _ -> {
                    // On to the next.
                }
                case HeaderVerdict.Unconnected(BlockHash parent) -> {
                    return failed(chain, before, read, "UNCONNECTED", "no header " + parent);
                }
                case HeaderVerdict.LowWork _, HeaderVerdict.Weighed _ -> {
                    return failed(chain, before, read, "LOW_WORK", "too little work");
                }
                case HeaderVerdict.Refused(var rule, BlockHash hash, int height) -> {
                    String what = "height %d, %s".formatted(height, hash);
                    return failed(chain, before, read, rule.name(), what);
                }
            }
            next = read(in);
        }
        return new Outcome(true, answer(true, chain, before, read));
    }

    private byte[] read(InputStream in) {
        try {
            return in.readNBytes(HeaderChain.MAX_BATCH * BlockHeader.LENGTH);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static Outcome failed(
            HeaderChain chain, int before, long read, String code, String message) {
        Map<String, @Nullable Object> answer = answer(false, chain, before, read);
        answer.put("code", code);
        answer.put("message", message);
        return new Outcome(false, answer);
    }

    private static Map<String, @Nullable Object> answer(
            boolean ok, HeaderChain chain, int before, long read) {
        chain.commit();
        Map<String, @Nullable Object> answer = ChainOptions.answer(ok, chain);
        answer.put("read", read);
        answer.put("imported", (long) chain.size() - before);
        return answer;
    }

    private CommandFailed failed(IOException e) {
        return new CommandFailed(
                "BAD_FILE", ExitCodes.FAILED, file + ": cannot be read: " + IoReason.of(e), e);
    }

    private CommandFailed badFile(String why) {
        return new CommandFailed("BAD_FILE", ExitCodes.FAILED, file + ": " + why);
    }
}
