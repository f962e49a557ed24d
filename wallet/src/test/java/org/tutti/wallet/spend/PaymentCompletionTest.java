package org.tutti.wallet.spend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.coins.UtxoStore;

import java.util.List;

class PaymentCompletionTest {
    private final Group group = new Group();
    private final UtxoStore utxos = new UtxoStore(group.wallet);
    private final FakeChain chain = new FakeChain(utxos);

    private UnsignedPayment payment() throws PaymentException {
        chain.mine(chain.pay(group.wallet.scriptPubKey(), 60_000, 70_000));
        return new PaymentBuilder(group.wallet, utxos)
                .build(
                        List.of(new TxOut(Sat.of(100_000), Group.STRANGER)),
                        FeeRate.satPerVirtualByte(1),
                        new CoinSelection.Fewest());
    }

    @Test
    void twoCoinsSignedByAllThreeSatisfyTheInterpreter() throws Exception {
        UnsignedPayment payment = payment();
        List<SchnorrSignature> signatures = payment.sighashes().stream().map(group::sign).toList();
        assertThat(signatures).hasSize(2);
        Transaction complete = PaymentCompletion.complete(payment, signatures);
        assertThat(complete.txid()).isEqualTo(payment.transaction().txid());
        assertThat(complete.weight()).isEqualTo(PaymentBuilder.signedWeight(payment.transaction()));
        assertThat(ScriptInterpreter.verifyAll(complete, payment.prevouts())).isEmpty();
        assertThat(Transaction.parse(complete.serialize())).isEqualTo(complete);
    }

    @Test
    void oneChangedBitOrSwappedSignaturesAreRefusedNamingTheInput() throws Exception {
        UnsignedPayment payment = payment();
        List<SchnorrSignature> good = payment.sighashes().stream().map(group::sign).toList();
        byte[] changed = good.get(1).bytes().toArray();
        changed[40] ^= 1;
        SchnorrSignature bad = new SchnorrSignature(Bytes.wrap(changed));
        refused(payment, List.of(good.get(0), bad), PaymentException.Code.SCRIPT_FAILS, "input 1");
        refused(payment, good.reversed(), PaymentException.Code.SCRIPT_FAILS, "input 0");
        refused(
                payment,
                good.subList(0, 1),
                PaymentException.Code.WRONG_SIGNATURE_COUNT,
                "2 inputs");
    }

    private static void refused(
            UnsignedPayment payment,
            List<SchnorrSignature> signatures,
            PaymentException.Code code,
            String start) {
        assertThatExceptionOfType(PaymentException.class)
                .isThrownBy(() -> PaymentCompletion.complete(payment, signatures))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code))
                .withMessageStartingWith(start);
    }
}
