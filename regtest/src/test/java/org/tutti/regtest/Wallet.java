package org.tutti.regtest;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// One person with one Taproot key, which is used as the output key without a tweak.
final class Wallet {
    private final SecretKey key;

    private Wallet(SecretKey key) {
        this.key = key;
    }

    /// The same name always has the same key.
    static Wallet of(String name) {
        try {
            byte[] seed = Sha256.single(name.getBytes(StandardCharsets.UTF_8));
            return new Wallet(SecretKey.of(seed));
        } catch (KeyException e) {
            throw new IllegalStateException(e);
        }
    }

    Script script() {
        return Script.p2tr(key.publicKey().xOnly().bytes());
    }

    /// Spends the first output of a transaction, giving up `fee`.
    Transaction spend(Transaction from, Script to, long fee) {
        TxOut prevout = from.outputs().getFirst();
        TxIn input = TxIn.unsigned(new OutPoint(from.txid(), 0), Sequence.REPLACEABLE);
        TxOut output = new TxOut(Sat.of(prevout.value().value() - fee), to);
        return sign(
                new Transaction(2, List.of(input), List.of(output), LockTime.NONE),
                List.of(prevout));
    }

    /// Spends the reward of a block.
    Transaction spendReward(Block block, Script to, long fee) {
        return spend(block.transactions().getFirst(), to, fee);
    }

    Transaction sign(Transaction unsigned, List<TxOut> prevouts) {
        Transaction signed = unsigned;
        for (int i = 0; i < prevouts.size(); i++) {
            Bytes sighash = TaprootSighash.keyPath(unsigned, prevouts, i, SighashType.DEFAULT);
            Bytes signature = Schnorr.sign(key, sighash.toArray(), new byte[32]).bytes();
            signed = signed.withWitness(i, List.of(signature));
        }
        return signed;
    }
}
