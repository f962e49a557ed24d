package org.tutti.app.chain;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.proof.DepthEvidence;
import org.tutti.bitcoin.proof.InclusionProof;
import org.tutti.bitcoin.proof.MerkleBlock;
import org.tutti.bitcoin.proof.MerkleBranch;
import org.tutti.bitcoin.proof.ProofException;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.proof.ProofPolicy;
import org.tutti.lightclient.proof.ProofVerdict;
import org.tutti.lightclient.proof.ProofVerifier;
import org.tutti.lightclient.proof.ProvenTransaction;
import org.tutti.node.files.IoReason;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

/// `./tutti chain verify-proof`
@Command(
        name = "verify-proof",
        mixinStandardHelpOptions = true,
        description = {
            "Say whether a transaction is in the best chain that is here, and how deep.",
            "The proof is what bitcoin-cli gettxoutproof prints, or a block's hash, a place and a branch."
                    + " It must be as long as the block's tree is high, which the coinbase shows, with its"
                    + " branch or among the transactions of --txoutproof, or the whole block.",
            "Hashes are written as bitcoin-cli and explorers write them. HEX may be @FILE: a file with the"
                    + " digits.",
            "Exit code 1 if the proof does not hold here; the answer says why."
        })
final class ChainVerifyProofCommand implements Callable<Integer> {
    /// Hex digits of the largest block, and some white space.
    private static final int MAX_HEX = 2 * Block.MAX_BYTES + 1_000;

    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");

    @Mixin private final ChainOptions options = new ChainOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--tx",
            required = true,
            paramLabel = "HEX",
            description = "The whole transaction.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String transactionHex;

    @Option(
            names = "--txoutproof",
            paramLabel = "HEX",
            description = "The proof as gettxoutproof prints it.")
    private @Nullable String txOutProof;

    @Option(names = "--block", paramLabel = "HASH", description = "The block, of a plain branch.")
    private @Nullable String blockHash;

    @Option(
            names = "--index",
            paramLabel = "N",
            description = "The transaction's place in the block; 0 is the coinbase.")
    private @Nullable Integer index;

    @Option(
            names = "--branch",
            paramLabel = "HASH,…",
            description = "The siblings from the transaction up; empty for a block of one.")
    private @Nullable String branch;

    @Option(
            names = "--coinbase",
            paramLabel = "HEX",
            description = "The block's coinbase, which shows how high the tree is.")
    private @Nullable String coinbaseHex;

    @Option(
            names = "--coinbase-branch",
            paramLabel = "HASH,…",
            description = "Its siblings; not needed where --txoutproof has it.")
    private @Nullable String coinbaseBranch;

    @Option(
            names = "--block-file",
            paramLabel = "FILE",
            description =
                    "Instead of the coinbase: the whole block, its bytes or their hex digits.")
    private @Nullable Path blockFile;

    @Option(
            names = "--min-depth",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "How many blocks from its own to the tip are enough (default: 1, in the chain at"
                            + " all).")
    private int minDepth;

    @Option(
            names = "--allow-low-work",
            description =
                    "Say yes also where the chain that is here has less work than its network's"
                            + " minimum, so that anybody may have made it.")
    private boolean isLowWorkAllowed;

    /// What the proof is not: of its giver's making, unlike a wrong command line.
    private static final class BadProof extends Exception {
        final String code;

        BadProof(String code, Exception cause) {
            super(String.valueOf(cause.getMessage()), cause);
            this.code = code;
        }
    }

    /// How a text is read.
    private interface Reader<T> {
        T read(Bytes bytes) throws DecodeException;
    }

    @Override
    public Integer call() {
        requireOneForm();
        ProofPolicy policy = new ProofPolicy(minDepth, !isLowWorkAllowed);
        Map<String, @Nullable Object> answer = options.withChain(chain -> answer(chain, policy));
        options.print(spec.commandLine().getOut(), answer);
        return Boolean.TRUE.equals(answer.get("ok")) ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private void requireOneForm() {
        boolean isPlain = blockHash != null || index != null || branch != null;
        if (txOutProof != null && isPlain) {
            throw ChainOptions.usage("--txoutproof, or --block, --index and --branch: not both");
        }
        if (txOutProof == null && (blockHash == null || index == null || branch == null)) {
            throw ChainOptions.usage("needs --txoutproof, or --block, --index and --branch");
        }
        if (coinbaseHex != null && blockFile != null) {
            throw ChainOptions.usage("--coinbase or --block-file: not both");
        }
        if (coinbaseHex == null && coinbaseBranch != null) {
            throw ChainOptions.usage("--coinbase-branch needs --coinbase");
        }
        if (coinbaseHex != null && coinbaseBranch == null && txOutProof == null) {
            throw ChainOptions.usage(
                    "--coinbase needs --coinbase-branch where there is no --txoutproof");
        }
        if (minDepth < 1) {
            throw ChainOptions.usage("--min-depth: at least 1");
        }
    }

    private Map<String, @Nullable Object> answer(HeaderChain chain, ProofPolicy policy) {
        try {
            InclusionProof proof = proof();
            Map<String, @Nullable Object> answer =
                    answer(chain, new ProofVerifier(chain, policy).verify(proof));
            answer.put("txid", proof.transaction().txid().toString());
            answer.put("block", proof.block().toString());
            return answer;
        } catch (BadProof e) {
            return refused(chain, e.code, String.valueOf(e.getMessage()), Optional.empty());
        }
    }

    // What the command line says.

    private InclusionProof proof() throws BadProof {
        Transaction transaction =
                parse("bad-transaction", "--tx", transactionHex, Transaction::parse);
        try {
            MerkleBlock tree = txOutProof == null ? null : tree(txOutProof);
            InclusionProof proof =
                    tree == null ? plain(transaction) : InclusionProof.of(tree, transaction);
            Optional<DepthEvidence> evidence = evidence(tree);
            return evidence.isPresent() ? proof.withDepth(evidence.get()) : proof;
        } catch (ProofException e) {
            throw new BadProof(e.fault().code(), e);
        }
    }

    private MerkleBlock tree(String hex) throws BadProof {
        return parse("bad-txoutproof", "--txoutproof", hex, MerkleBlock::parse);
    }

    private InclusionProof plain(Transaction transaction) {
        if (blockHash == null || index == null || branch == null) {
            throw new IllegalStateException("no proof");
        }
        BlockHash block = BlockHash.fromDisplayHex(requireHash("--block", blockHash));
        MerkleBranch way = new MerkleBranch(index, nodes("--branch", branch));
        return new InclusionProof(block, transaction, way, Optional.empty());
    }

    private Optional<DepthEvidence> evidence(@Nullable MerkleBlock tree)
            throws BadProof, ProofException {
        if (blockFile != null) {
            try {
                return Optional.of(new DepthEvidence.WholeBlock(Block.parse(read(blockFile))));
            } catch (DecodeException e) {
                throw new BadProof("bad-block", e);
            }
        }
        if (coinbaseHex == null) {
            return Optional.empty();
        }
        Transaction coinbase = parse("bad-coinbase", "--coinbase", coinbaseHex, Transaction::parse);
        if (coinbaseBranch != null) {
            return Optional.of(
                    new DepthEvidence.Coinbase(
                            coinbase, nodes("--coinbase-branch", coinbaseBranch)));
        }
        return tree == null
                ? Optional.empty()
                : Optional.of(DepthEvidence.Coinbase.of(tree, coinbase));
    }

    private static <T> T parse(String code, String name, String hex, Reader<T> reader)
            throws BadProof {
        Bytes bytes = hex.startsWith("@") ? read(Path.of(hex.substring(1))) : requireHex(name, hex);
        try {
            return reader.read(bytes);
        } catch (DecodeException e) {
            throw new BadProof(code, e);
        }
    }

    private static Bytes requireHex(String name, String hex) {
        try {
            return Bytes.fromHex(hex.strip());
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("USAGE", ExitCodes.USAGE, name + ": not hex digits", e);
        }
    }

    private static List<MerkleNode> nodes(String name, String list) {
        List<MerkleNode> nodes = new ArrayList<>();
        if (!list.isBlank()) {
            for (String hash : list.split(",", -1)) {
                nodes.add(MerkleNode.fromDisplayHex(requireHash(name, hash.strip())));
            }
        }
        return nodes;
    }

    private static String requireHash(String name, String hash) {
        if (!HASH.matcher(hash).matches()) {
            throw ChainOptions.usage(name + ": not 64 hex digits");
        }
        return hash;
    }

    /// The bytes of a file, which may have their hex digits instead.
    private static Bytes read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_HEX + 1);
            if (bytes.length > MAX_HEX) {
                throw ChainOptions.usage(file + ": more than a block can have");
            }
            String text = new String(bytes, StandardCharsets.ISO_8859_1).strip();
            boolean isHex = text.chars().allMatch(c -> Character.digit(c, 16) >= 0);
            return isHex ? requireHex(file.toString(), text) : Bytes.wrap(bytes);
        } catch (IOException e) {
            throw new CommandFailed(
                    "FILE_IO",
                    ExitCodes.ENVIRONMENT,
                    file + ": cannot be read: " + IoReason.of(e),
                    e);
        }
    }

    // What the answer says.

    private Map<String, @Nullable Object> answer(HeaderChain chain, ProofVerdict verdict) {
        return switch (verdict) {
            case ProofVerdict.Confirmed(ProvenTransaction proven) -> {
                Map<String, @Nullable Object> answer = begin(chain, true, proven.block());
                put(answer, proven);
                yield answer;
            }
            case ProofVerdict.TooShallow(ProvenTransaction proven, int demanded) -> {
                Map<String, @Nullable Object> answer =
                        refused(
                                chain,
                                verdict.code(),
                                "%d blocks deep, %d are demanded"
                                        .formatted(proven.confirmations(), demanded),
                                Optional.of(proven.block()));
                put(answer, proven);
                yield answer;
            }
            case ProofVerdict.TooLittleWork(ProvenTransaction proven) -> {
                Map<String, @Nullable Object> answer =
                        refused(
                                chain,
                                verdict.code(),
                                "the chain that is here has less work than the network's had, so"
                                        + " that anybody may have made it",
                                Optional.of(proven.block()));
                put(answer, proven);
                yield answer;
            }
            case ProofVerdict.NotInBestChain(var _, HeaderEntry block, HeaderEntry fork) ->
                    refused(
                            chain,
                            verdict.code(),
                            "the block does not count: its branch leaves the best chain at height %d"
                                    .formatted(fork.height()),
                            Optional.of(block));
            case ProofVerdict.UnknownBlock(BlockHash block) ->
                    refused(
                            chain,
                            verdict.code(),
                            "no header of the block %s is here that is not invalid"
                                    .formatted(block),
                            Optional.empty());
            case ProofVerdict.LeafUnauthenticated(var _, HeaderEntry block) ->
                    refused(
                            chain,
                            verdict.code(),
                            "nothing shows that the branch begins at a transaction: give the"
                                    + " coinbase and its branch, or the block",
                            Optional.of(block));
            case ProofVerdict.Refused(HeaderEntry block, var _, String message) ->
                    refused(chain, verdict.code(), message, Optional.of(block));
        };
    }

    private static Map<String, @Nullable Object> begin(
            HeaderChain chain, boolean ok, HeaderEntry block) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("ok", ok);
        answer.put("height", (long) block.height());
        answer.put("tip", chain.tip().hash().toString());
        answer.put("work", ChainOptions.work(block));
        putTip(answer, chain);
        return answer;
    }

    private static void putTip(Map<String, @Nullable Object> answer, HeaderChain chain) {
        answer.put("tipHeight", (long) chain.tip().height());
        answer.put("enoughWork", chain.hasEnoughWork());
    }

    private static Map<String, @Nullable Object> refused(
            HeaderChain chain, String code, String message, Optional<HeaderEntry> block) {
        Map<String, @Nullable Object> answer;
        if (block.isPresent()) {
            answer = begin(chain, false, block.get());
        } else {
            answer = new LinkedHashMap<>();
            answer.put("ok", false);
            answer.put("tip", chain.tip().hash().toString());
            putTip(answer, chain);
        }
        answer.put("code", code);
        answer.put("message", message);
        return answer;
    }

    private void put(Map<String, @Nullable Object> answer, ProvenTransaction proven) {
        answer.put("index", (long) proven.index());
        answer.put("confirmations", (long) proven.confirmations());
        answer.put("minDepth", (long) minDepth);
    }
}
