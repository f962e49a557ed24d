package org.tutti.bitcoin.rules;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockCheck;
import org.tutti.bitcoin.block.BlockCheck.Fault;
import org.tutti.bitcoin.block.SignetSolution;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.network.SoftForks;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.script.ScriptReader;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TransactionCheck;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;

import java.util.Optional;

/// Every consensus rule that a whole block shows on its face, at its height on its network: all of
/// Bitcoin Core's `CheckBlock` and `ContextualCheckBlock`. Not what takes the outputs that it
/// spends: scripts, fees, the subsidy, relative lock times, signature operations of P2SH and
/// witnesses, BIP30.
public final class BlockRules {
    /// Bitcoin Core, `MAX_BLOCK_SIGOPS_COST`: each of those counted here costs four.
    private static final int MAX_SIGNATURE_OPERATIONS = 80_000 / 4;

    private static final int OP_1 = 0x51;

    private final Network network;

    public BlockRules(Network network) {
        this.network = network;
    }

    /// The first fault, or nothing when all is well.
    ///
    /// @param height of the block
    /// @param medianTime of the block below it and the ten under that, seconds since 1970
    public Optional<Fault> fault(Block block, int height, long medianTime) {
        SoftForks forks = network.softForks();
        Optional<Fault> committed = BlockCheck.fault(block, height >= forks.segwit());
        if (committed.isPresent()) {
            return committed;
        }
        if (block.transactions().stream().anyMatch(BlockRules::isBad)) {
            return Optional.of(Fault.BAD_TRANSACTION);
        }
        if (signatureOperations(block) > MAX_SIGNATURE_OPERATIONS) {
            return Optional.of(Fault.TOO_MANY_SIGNATURE_OPERATIONS);
        }
        // BIP113: "the median time past of the last 11 blocks" instead of the block's own time.
        long cutoff = height >= forks.csv() ? medianTime : block.header().time();
        if (block.transactions().stream().anyMatch(tx -> !isFinal(tx, height, cutoff))) {
            return Optional.of(Fault.NOT_FINAL);
        }
        if (height >= forks.bip34() && !startsWithHeight(block, height)) {
            return Optional.of(Fault.COINBASE_HEIGHT);
        }
        boolean isSigned =
                network.signetChallenge().isEmpty()
                        || block.hash().equals(network.genesisHash())
                        || SignetSolution.holds(block, network.signetChallenge().get());
        return isSigned ? Optional.empty() : Optional.of(Fault.SIGNET_SOLUTION);
    }

    private static boolean isBad(Transaction transaction) {
        return TransactionCheck.fault(transaction).isPresent();
    }

    /// Bitcoin Core, `GetLegacySigOpCount` over all transactions.
    private static long signatureOperations(Block block) {
        long count = 0;
        for (Transaction transaction : block.transactions()) {
            for (TxIn input : transaction.inputs()) {
                count += ScriptReader.signatureOperations(input.scriptSig());
            }
            for (TxOut output : transaction.outputs()) {
                count += ScriptReader.signatureOperations(output.scriptPubKey());
            }
        }
        return count;
    }

    /// Bitcoin Core, `IsFinalTx`.
    private static boolean isFinal(Transaction transaction, int height, long time) {
        return transaction.lockTime().isReached(height, time)
                || transaction.inputs().stream().allMatch(input -> input.sequence().isFinal());
    }

    private static boolean startsWithHeight(Block block, int height) {
        Script script = block.transactions().getFirst().inputs().getFirst().scriptSig();
        return script.startsWith(heightPush(height));
    }

    /// BIP34: "the height of the block as the first item in the coinbase transaction's scriptSig",
    /// as a script pushes a number: one opcode up to 16, else little-endian with a bit for the
    /// sign.
    ///
    /// @param height at least 0
    public static Bytes heightPush(int height) {
        if (height == 0) {
            return Bytes.wrap(new byte[1]);
        }
        if (height <= 16) {
            return Bytes.wrap(new byte[] {(byte) (OP_1 + height - 1)});
        }
        int length = (Integer.SIZE - Integer.numberOfLeadingZeros(height)) / 8 + 1;
        WireWriter out = new WireWriter(1 + length).u8(length);
        for (int i = 0; i < length; i++) {
            out.u8(height >>> (8 * i) & 0xff);
        }
        return out.toBytes();
    }
}
