package org.tutti.bitcoin.block;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.Weight;

import java.util.ArrayList;
import java.util.List;

/// A header with its transactions. Reading one says nothing about whether they belong together:
/// [BlockCheck] does.
public record Block(BlockHeader header, List<Transaction> transactions) {
    /// The most bytes a block can have: its weight is at least its size.
    public static final int MAX_BYTES = 4_000_000;

    /// The least bytes of a transaction on the wire: version, one input, one output, lock time.
    private static final int LEAST_TRANSACTION_BYTES = 4 + 1 + 41 + 1 + 4;

    public Block {
        transactions = List.copyOf(transactions);
    }

    /// Reads exactly one block and nothing after it.
    public static Block parse(Bytes bytes) throws DecodeException {
        if (bytes.length() > MAX_BYTES) {
            throw new DecodeException(
                    DecodeException.Code.TOO_LARGE,
                    "block of " + bytes.length() + " bytes, at most " + MAX_BYTES);
        }
        WireReader in = new WireReader(bytes);
        Block block = read(in);
        in.requireEnd();
        return block;
    }

    /// Reads one block and leaves what follows. The caller bounds the bytes.
    public static Block read(WireReader in) throws DecodeException {
        BlockHeader header = BlockHeader.read(in);
        int count = in.count(LEAST_TRANSACTION_BYTES, "transactions");
        List<Transaction> transactions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            transactions.add(Transaction.read(in));
        }
        return new Block(header, transactions);
    }

    public Bytes serialize() {
        WireWriter out = new WireWriter(1024);
        header.write(out);
        out.compactSize(transactions.size());
        transactions.forEach(transaction -> transaction.write(out));
        return out.toBytes();
    }

    /// The ids of all transactions in order. Computed at each call.
    public List<Txid> txids() {
        return transactions.stream().map(Transaction::txid).toList();
    }

    public BlockHash hash() {
        return header.hash();
    }

    /// The weight of all: header and count have no witness, so they weigh four times their size.
    public Weight weight() {
        Weight weight =
                new Weight(
                        4L
                                * (BlockHeader.LENGTH
                                        + WireWriter.compactSizeLength(transactions.size())));
        for (Transaction transaction : transactions) {
            weight = weight.plus(transaction.weight());
        }
        return weight;
    }

    /// The proof that the transaction at `index` is in this block.
    public MerkleProof prove(int index) {
        return MerkleProof.of(txids(), index);
    }
}
