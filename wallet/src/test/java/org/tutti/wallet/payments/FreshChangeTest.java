package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.spend.CoinSelection;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Change of a group with many addresses: one that nobody has paid, and no payment has promised.
class FreshChangeTest extends PaymentFixture {
    private static final Group GROUP = Group.derived();

    private final List<Transaction> asked = new ArrayList<>();

    private final PaymentRequester requester =
            requester(
                    new PaymentSigner() {
                        @Override
                        public Started start(SigningRequestDraft draft)
                                throws SigningFailedException {
                            payments.reserved(request(draft));
                            throw new SigningFailedException("REFUSED", "it stays as it is");
                        }

                        @Override
                        public Optional<Started> running(Bytes idempotencyKey) {
                            return Optional.empty();
                        }
                    });

    @Override
    Group group() {
        return GROUP;
    }

    private SigningRequest request(SigningRequestDraft draft) {
        try {
            asked.add(Transaction.parseWithoutWitness(draft.context()));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        SigningRequest like = request(payment(coinElsewhere(12_345)), alice);
        byte[] id = new byte[32];
        id[31] = (byte) asked.size();
        return new SigningRequest(
                new SessionId(Bytes.of(id)),
                like.group(),
                alice,
                like.salt(),
                NOW,
                NOW.plus(draft.lifetime()),
                draft.messages(),
                draft.purpose(),
                draft.context(),
                draft.idempotencyKey(),
                Bytes.EMPTY);
    }

    private Script changeOf(long amount) throws Exception {
        PaymentOrder order =
                new PaymentOrder(
                        Address.of(Group.STRANGER, Network.REGTEST),
                        Sat.of(amount),
                        FeeRate.satPerVirtualByte(2),
                        new CoinSelection.Fewest(),
                        Optional.empty(),
                        /* again= */ true);
        assertThatExceptionOfType(SigningFailedException.class)
                .isThrownBy(() -> requester.pay(order))
                .satisfies(e -> assertThat(e.code()).isEqualTo("REFUSED"));
        return asked.getLast().outputs().getLast().scriptPubKey();
    }

    @Test
    void changeNeverGoesToAnAddressThatABlockHasPaidOrAPaymentWaitsToPay() throws Exception {
        mine(coinElsewhere(50_000));
        Script first = changeOf(10_000);
        assertThat(group.wallet.path(first)).contains(List.of(1, 0));
        // The first is proposed, and in no block.
        Script second = changeOf(11_000);
        assertThat(group.wallet.path(second)).contains(List.of(1, 1));
        mine(asked.getFirst());
        assertThat(coins.isUsed(first)).isTrue();
        Script third = changeOf(12_000);
        assertThat(group.wallet.path(third)).contains(List.of(1, 2));
        // Somebody else pays to an address of the change branch.
        Script fourth =
                group.wallet.freshChange(script -> List.of(first, second, third).contains(script));
        mine(
                FakeChain.spend(
                        List.of(new OutPoint(Txid.hashOf(new byte[] {7}), 0)),
                        new TxOut(Sat.of(1_000), fourth)));
        assertThat(group.wallet.path(changeOf(13_000))).contains(List.of(1, 4));
    }
}
