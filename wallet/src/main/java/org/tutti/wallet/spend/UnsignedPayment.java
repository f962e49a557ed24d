package org.tutti.wallet.spend;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.wallet.coins.Utxo;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// A transaction that waits for its signatures, with the coins it spends as this node saw them on
/// the chain.
///
/// @param utxos one for each input in the same order
public record UnsignedPayment(Transaction transaction, List<Utxo> utxos) {
    /// @throws IllegalArgumentException if the coins are not those of the inputs
    public UnsignedPayment {
        utxos = List.copyOf(utxos);
        List<?> spent = transaction.inputs().stream().map(in -> in.outPoint()).toList();
        if (!spent.equals(utxos.stream().map(Utxo::outPoint).toList())) {
            throw new IllegalArgumentException("the coins are not those that the inputs spend");
        }
    }

    /// The outputs that are spent, in the order of the inputs.
    public List<TxOut> prevouts() {
        return utxos.stream().map(Utxo::output).toList();
    }

    /// BIP341's key path hash for every input, with SIGHASH_DEFAULT: 32 bytes each.
    public List<Bytes> sighashes() {
        TaprootSighash sighash = TaprootSighash.of(transaction, prevouts());
        return IntStream.range(0, utxos.size())
                .mapToObj(i -> sighash.keyPath(i, SighashType.DEFAULT, Optional.empty()))
                .toList();
    }

    /// What goes in.
    public Sat inputValue() {
        return Sat.sum(utxos.stream().map(Utxo::value).toList());
    }

    /// What goes out.
    ///
    /// @throws IllegalArgumentException if the outputs pay more than there is money
    public Sat outputValue() {
        return Sat.sum(transaction.outputs().stream().map(TxOut::value).toList());
    }

    /// The rest, for the miner.
    ///
    /// @throws IllegalArgumentException if more goes out than in
    public Sat fee() {
        return inputValue().minus(outputValue());
    }
}
