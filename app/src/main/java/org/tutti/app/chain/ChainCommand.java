package org.tutti.app.chain;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/// `./tutti chain …`: looks into the headers of a data folder, and changes what counts.
@Command(
        name = "chain",
        mixinStandardHelpOptions = true,
        subcommands = {
            ChainImportCommand.class,
            ChainExportCommand.class,
            ChainSyncCommand.class,
            ChainVerifyProofCommand.class,
            ChainBroadcastCommand.class
        },
        description =
                "The headers in a data folder: checked, kept and looked up without a node and without"
                        + " a network.")
public final class ChainCommand implements Runnable {
    private static final int MAX_TIPS = 1_000;
    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Print the tip, its work and its age, and how many headers there are.")
    int status(@Mixin ChainOptions options) {
        options.print(
                spec.commandLine().getOut(),
                options.withChain(chain -> {
                    Map<String, @Nullable Object> answer = ChainOptions.answer(true, chain);
                    long time = chain.tip().header().time();
                    answer.put("network", chain.network().name());
                    answer.put("tipTime", time);
                    answer.put(
                            "tipAgeSeconds", Clock.systemUTC().instant().getEpochSecond() - time);
                    answer.put("medianTime", chain.medianTime(chain.tip()));
                    answer.put("startHeight", (long) chain.startHeight());
                    answer.put("headers", (long) chain.size());
                    answer.put("sideHeaders", (long) chain.sideHeaders());
                    answer.put("enoughWork", chain.hasEnoughWork());
                    answer.put("heaviestHeight", (long) chain.heaviestHeader().height());
                    answer.put("headersCutOff", (long) chain.headersCutOff());
                    return answer;
                }));
        return ExitCodes.OK;
    }

    @Command(
            name = "header",
            mixinStandardHelpOptions = true,
            description = "Print a header, by its height in the best chain or by its hash.")
    int header(
            @Mixin ChainOptions options,
            @Parameters(paramLabel = "HEIGHT|HASH", description = "Which header.") String which) {
        options.print(
                spec.commandLine().getOut(),
                options.withChain(chain -> {
                    HeaderEntry entry = find(chain, which);
                    boolean best = chain.isOnBestChain(entry);
                    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
                    answer.put("ok", true);
                    answer.put("height", (long) entry.height());
                    answer.put("hash", entry.hash().toString());
                    answer.put("tip", chain.tip().hash().toString());
                    answer.put("work", ChainOptions.work(entry));
                    answer.put("header", entry.header().serialize().toHex());
                    answer.put("version", (long) entry.header().version());
                    answer.put("previous", entry.header().previous().toString());
                    answer.put("merkleRoot", entry.header().merkleRoot().toString());
                    answer.put("time", entry.header().time());
                    answer.put("medianTime", chain.medianTime(entry));
                    answer.put("bits", "%08x".formatted(entry.header().bits()));
                    answer.put("nonce", entry.header().nonce());
                    answer.put("onBestChain", best);
                    answer.put(
                            "confirmations",
                            best ? (long) chain.tip().height() - entry.height() + 1 : -1L);
                    return answer;
                }));
        return ExitCodes.OK;
    }

    private static HeaderEntry find(HeaderChain chain, String which) {
        if (HASH.matcher(which).matches()) {
            return chain.find(hash(which)).orElseThrow(() -> notFound(which));
        }
        try {
            return chain.at(Integer.parseInt(which));
        } catch (NumberFormatException e) {
            throw new CommandFailed(
                    "USAGE", ExitCodes.USAGE, which + ": neither a height nor 64 hex digits", e);
        } catch (IndexOutOfBoundsException _) {
            throw notFound(which);
        }
    }

    private static BlockHash hash(String hex) {
        if (!HASH.matcher(hex).matches()) {
            throw ChainOptions.usage(hex + ": not 64 hex digits");
        }
        return BlockHash.fromDisplayHex(hex);
    }

    private static CommandFailed notFound(String which) {
        return new CommandFailed("NOT_FOUND", ExitCodes.FAILED, "no header " + which);
    }

    @Command(
            name = "tips",
            mixinStandardHelpOptions = true,
            description = "Print the ends of all branches, that of most work first.")
    int tips(@Mixin ChainOptions options) {
        options.print(
                spec.commandLine().getOut(),
                options.withChain(chain -> {
                    Map<String, @Nullable Object> answer = ChainOptions.answer(true, chain);
                    answer.put(
                            "tips",
                            chain.tips(MAX_TIPS).stream().map(tip -> tip(chain, tip)).toList());
                    return answer;
                }));
        return ExitCodes.OK;
    }

    private static Map<String, Object> tip(HeaderChain chain, HeaderEntry tip) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("height", (long) tip.height());
        line.put("hash", tip.hash().toString());
        line.put("work", ChainOptions.work(tip));
        line.put("forkHeight", (long) chain.fork(tip).height());
        line.put("best", chain.isOnBestChain(tip));
        return line;
    }

    @Command(
            name = "locator",
            mixinStandardHelpOptions = true,
            description =
                    "Print the hashes that getheaders carries: the tip's first, then ever further"
                            + " apart.")
    int locator(@Mixin ChainOptions options) {
        options.print(
                spec.commandLine().getOut(),
                options.withChain(chain -> {
                    Map<String, @Nullable Object> answer = ChainOptions.answer(true, chain);
                    List<String> hashes =
                            chain.locator(chain.tip()).stream().map(BlockHash::toString).toList();
                    answer.put("locator", hashes);
                    return answer;
                }));
        return ExitCodes.OK;
    }

    @Command(
            name = "invalidate",
            mixinStandardHelpOptions = true,
            description =
                    "Take a block, and all that follows it, out of the best chain until it is"
                            + " reconsidered.")
    int invalidate(
            @Mixin ChainOptions options,
            @Parameters(paramLabel = "HASH", description = "The block.") String hash) {
        return decide(options, hash, HeaderChain::declareInvalid);
    }

    @Command(
            name = "reconsider",
            mixinStandardHelpOptions = true,
            description = "Let a block count again that was invalidated.")
    int reconsider(
            @Mixin ChainOptions options,
            @Parameters(paramLabel = "HASH", description = "The block.") String hash) {
        return decide(options, hash, HeaderChain::reconsider);
    }

    private int decide(
            ChainOptions options, String text, BiPredicate<HeaderChain, BlockHash> decision) {
        BlockHash hash = hash(text);
        options.print(
                spec.commandLine().getOut(),
                options.withChain(chain -> {
                    if (hash.equals(chain.at(chain.startHeight()).hash())) {
                        throw ChainOptions.usage("the first block of a chain is never invalid");
                    }
                    boolean changed = decision.test(chain, hash);
                    chain.commit();
                    Map<String, @Nullable Object> answer = ChainOptions.answer(true, chain);
                    answer.put("block", hash.toString());
                    answer.put("known", changed);
                    return answer;
                }));
        return ExitCodes.OK;
    }

    /// `./tutti chain export`'s options are few enough to stand here.
    static final class Range {
        @Option(
                names = "--from",
                paramLabel = "HEIGHT",
                description = "The first height (default: where the chain begins).")
        @Nullable Integer from;

        @Option(
                names = "--to",
                paramLabel = "HEIGHT",
                description = "The last height (default: the tip).")
        @Nullable Integer to;
    }
}
