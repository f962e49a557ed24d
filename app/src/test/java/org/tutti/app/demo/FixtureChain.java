package org.tutti.app.demo;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.wallet.coins.Utxo;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the chain did, read from the fixture's file of blocks and from nothing that a node says.
///
/// @param blocks from height 1 on
record FixtureChain(List<Block> blocks) {
    /// A transaction in a block.
    record Mined(Txid txid, int height) {}

    /// @param file of a fixture whose chain was never reorganised
    static FixtureChain read(Path file) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        List<Block> blocks = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] block = new byte[bytes.getInt()];
            bytes.get(block);
            blocks.add(Block.parse(Bytes.wrap(block)));
        }
        return new FixtureChain(blocks);
    }

    static Script script(String address) throws Exception {
        return Address.parse(address, Network.REGTEST).scriptPubKey();
    }

    int height() {
        return blocks.size();
    }

    String hash(int height) {
        return blocks.get(height - 1).hash().toString();
    }

    /// The transactions, rewards apart, that pay this amount to this script, in their order.
    List<Mined> paying(Script script, long amountSat) {
        List<Mined> found = new ArrayList<>();
        for (int height = 1; height <= height(); height++) {
            for (Transaction transaction : spends(height)) {
                for (TxOut output : transaction.outputs()) {
                    if (output.scriptPubKey().equals(script)
                            && output.value().value() == amountSat) {
                        found.add(new Mined(transaction.txid(), height));
                    }
                }
            }
        }
        return found;
    }

    private List<Transaction> spends(int height) {
        return blocks.get(height - 1).transactions().stream()
                .filter(transaction -> !transaction.isCoinbase())
                .toList();
    }

    /// Whether a block has it.
    boolean has(String txid) {
        return blocks.stream()
                .flatMap(block -> block.transactions().stream())
                .anyMatch(transaction -> transaction.txid().toString().equals(txid));
    }

    /// The sum of a script's unspent outputs.
    long unspentSat(Script script) {
        return unspentSat(script, Integer.MAX_VALUE);
    }

    /// Of those that the next block may spend.
    long matureSat(Script script) {
        return unspentSat(script, height() + 1 - Utxo.COINBASE_MATURITY);
    }

    /// @param newest height of the last block whose reward counts
    private long unspentSat(Script script, int newest) {
        Map<OutPoint, Long> unspent = new HashMap<>();
        for (int height = 1; height <= height(); height++) {
            for (Transaction transaction : blocks.get(height - 1).transactions()) {
                transaction.inputs().forEach(input -> unspent.remove(input.outPoint()));
                for (int i = 0; i < transaction.outputs().size(); i++) {
                    TxOut output = transaction.outputs().get(i);
                    if (output.scriptPubKey().equals(script)
                            && (!transaction.isCoinbase() || height <= newest)) {
                        unspent.put(new OutPoint(transaction.txid(), i), output.value().value());
                    }
                }
            }
        }
        return unspent.values().stream().mapToLong(Long::longValue).sum();
    }
}
