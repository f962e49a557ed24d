package org.tutti.bitcoin.tx;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Hash256;
import org.tutti.bitcoin.tx.TransactionCheck.Fault;
import org.tutti.bitcoin.units.Sat;

import java.util.List;

class TransactionCheckTest {
    private static final TxIn ONE = TxIn.unsigned(new OutPoint(Hash256.ZERO, 1), 0);
    private static final TxIn TWO = TxIn.unsigned(new OutPoint(Hash256.ZERO, 2), 0);
    private static final TxOut PAYS = new TxOut(Sat.of(1), Bytes.EMPTY);

    private static void assertFault(Fault fault, List<TxIn> inputs, List<TxOut> outputs) {
        assertThat(TransactionCheck.fault(new Transaction(2, inputs, outputs, 0))).contains(fault);
    }

    private static TxIn coinbase(int scriptLength) {
        return new TxIn(OutPoint.COINBASE, Bytes.wrap(new byte[scriptLength]), 0, List.of());
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
                Fault.TOO_MUCH_MONEY, List.of(ONE), List.of(new TxOut(Sat.MAX, Bytes.EMPTY), PAYS));
        assertFault(
                Fault.TOO_LARGE,
                List.of(ONE),
                List.of(new TxOut(Sat.ZERO, Bytes.wrap(new byte[1_000_000]))));
    }

    @Test
    void whatBreaksNoRuleHasNoFault() {
        for (List<TxIn> inputs :
                List.of(List.of(ONE, TWO), List.of(coinbase(2)), List.of(coinbase(100)))) {
            assertThat(TransactionCheck.fault(new Transaction(2, inputs, List.of(PAYS), 0)))
                    .isEmpty();
        }
    }
}
