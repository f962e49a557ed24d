package org.tutti.bitcoin.tx;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.TransactionCheck.Fault;
import org.tutti.bitcoin.units.Sat;

import java.util.List;

class TransactionCheckTest {
    private static final TxIn ONE = TxIn.unsigned(new OutPoint(Txid.ZERO, 1), Sequence.ZERO);
    private static final TxIn TWO = TxIn.unsigned(new OutPoint(Txid.ZERO, 2), Sequence.ZERO);
    private static final TxOut PAYS = new TxOut(Sat.of(1), Script.EMPTY);

    private static void assertFault(Fault fault, List<TxIn> inputs, List<TxOut> outputs) {
        assertThat(TransactionCheck.fault(new Transaction(2, inputs, outputs, LockTime.NONE)))
                .contains(fault);
    }

    private static TxIn coinbase(int scriptLength) {
        return new TxIn(
                OutPoint.COINBASE,
                Script.of(Bytes.wrap(new byte[scriptLength])),
                Sequence.ZERO,
                List.of());
    }

    @Test
    void eachRuleHasItsName() {
        assertFault(Fault.NO_INPUTS, List.of(), List.of(PAYS));
        assertFault(Fault.NO_OUTPUTS, List.of(ONE), List.of());
        assertFault(Fault.DUPLICATE_INPUT, List.of(ONE, TWO, ONE), List.of(PAYS));
        assertFault(Fault.NULL_PREVOUT, List.of(ONE, coinbase(2)), List.of(PAYS));
        assertFault(Fault.COINBASE_SCRIPT_LENGTH, List.of(coinbase(1)), List.of(PAYS));
        assertFault(Fault.COINBASE_SCRIPT_LENGTH, List.of(coinbase(101)), List.of(PAYS));
        assertFault(
                Fault.TOO_MUCH_MONEY,
                List.of(ONE),
                List.of(new TxOut(Sat.MAX, Script.EMPTY), PAYS));
        assertFault(
                Fault.TOO_LARGE,
                List.of(ONE),
                List.of(new TxOut(Sat.ZERO, Script.of(Bytes.wrap(new byte[1_000_000])))));
    }

    @Test
    void whatBreaksNoRuleHasNoFault() {
        for (List<TxIn> inputs :
                List.of(List.of(ONE, TWO), List.of(coinbase(2)), List.of(coinbase(100)))) {
            assertThat(
                            TransactionCheck.fault(
                                    new Transaction(2, inputs, List.of(PAYS), LockTime.NONE)))
                    .isEmpty();
        }
    }
}
