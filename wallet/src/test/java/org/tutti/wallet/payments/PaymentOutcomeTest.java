package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.signing.approval.Holds;

class PaymentOutcomeTest {
    private static final Txid TXID = Txid.of(Bytes.fromHex("17".repeat(32)));

    @Test
    void outcomesAreReadAsTheyWereWrittenAndFitIntoAHold() {
        for (boolean made : new boolean[] {true, false}) {
            PaymentOutcome outcome = new PaymentOutcome(made, TXID);
            assertThat(PaymentOutcome.decode(outcome.encode())).contains(outcome);
            assertThat(outcome.encode().length()).isLessThanOrEqualTo(Holds.MAX_OUTCOME_BYTES);
        }
    }

    @Test
    void whatIsNoOutcomeSaysNothing() {
        Bytes good = new PaymentOutcome(true, TXID).encode();
        for (Bytes bad :
                new Bytes[] {
                    Bytes.EMPTY,
                    good.slice(0, 32),
                    Bytes.concat(good, Bytes.fromHex("00")),
                    Bytes.concat(Bytes.fromHex("00"), TXID.bytes()),
                    Bytes.concat(Bytes.fromHex("03"), TXID.bytes())
                }) {
            assertThat(PaymentOutcome.decode(bad)).isEmpty();
        }
    }
}
