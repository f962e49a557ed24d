package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.wallet.FakeChain;

import java.util.List;

/// All signers must name coins and content in the same way.
class PaymentHoldTest {
    private static final Script OURS = Script.fromHex("5120" + "11".repeat(32));
    private static final Script FRIEND = ApprovalFixture.FRIEND;
    private static final Script OTHER = ApprovalFixture.FRIEND_TOO;
    private static final OutPoint COIN =
            new OutPoint(Txid.of(Bytes.fromHex("00112233".repeat(8))), 0x01020304);

    @Test
    void aCoinIsNamedAsAnInputNamesIt() {
        assertThat(PaymentHold.resource(COIN).toHex()).isEqualTo("00112233".repeat(8) + "04030201");
    }

    @Test
    void theContentIsATaggedHashOverTheSortedOutputs() {
        Bytes friend = Bytes.fromHex("00000016" + FRIEND.toHex() + "0000000000000064");
        Bytes other = Bytes.fromHex("00000016" + OTHER.toHex() + "0000000000000001");
        Bytes expected = TaggedHash.of("tutti/payment-content", friend, other);
        assertThat(PaymentHold.content(List.of(pay(FRIEND, 100), pay(OTHER, 1))))
                .isEqualTo(expected);
        assertThat(PaymentHold.content(List.of(pay(OTHER, 1), pay(FRIEND, 100))))
                .isEqualTo(expected);
    }

    @Test
    void coinsFeeAndChangeMakeNoDifferenceToTheContent() {
        OutPoint another = new OutPoint(COIN.txid(), 7);
        Transaction one = FakeChain.spend(List.of(COIN), pay(FRIEND, 100), pay(OURS, 50));
        Transaction two = FakeChain.spend(List.of(another), pay(OURS, 9), pay(FRIEND, 100));
        assertThat(PaymentHold.of(one, OURS::equals).content())
                .isEqualTo(PaymentHold.of(two, OURS::equals).content());
        assertThat(PaymentHold.of(two, OURS::equals).resources())
                .containsExactly(PaymentHold.resource(another));
        assertThat(PaymentHold.of(two, OURS::equals).distinct())
                .as("two orders are not made by one transaction")
                .isTrue();
    }

    @Test
    void anotherAmountAnotherDestinationAndPayingTwiceAreAnotherContent() {
        List<List<TxOut>> contents =
                List.of(
                        List.of(),
                        List.of(pay(FRIEND, 100)),
                        List.of(pay(FRIEND, 101)),
                        List.of(pay(OTHER, 100)),
                        List.of(pay(FRIEND, 100), pay(FRIEND, 100)),
                        List.of(pay(FRIEND, 100), pay(OTHER, 100)));
        assertThat(contents.stream().map(PaymentHold::content).distinct()).hasSize(6);
    }

    private static TxOut pay(Script script, long amount) {
        return ApprovalFixture.to(script, amount);
    }
}
