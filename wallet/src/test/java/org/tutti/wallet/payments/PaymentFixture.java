package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.broadcast.Reach;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.coins.ChainTime;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.spend.CoinSelection;
import org.tutti.wallet.spend.ConfirmationTracker;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.PaymentException;
import org.tutti.wallet.spend.UnsignedPayment;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/// Alice's payments: her chain, what she broadcasts, and what she tells. Checks run when a test
/// says so, and time stands still.
abstract class PaymentFixture {
    private static final Bytes ZEROS = Bytes.wrap(new byte[32]);
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    final Group group = group();
    final UtxoStore coins = new UtxoStore(group.wallet);
    final ConfirmationTracker tracker = new ConfirmationTracker();
    final List<PaymentEvent> events = new ArrayList<>();
    final List<UtxoEvent> coinEvents = new ArrayList<>();
    final List<Transaction> broadcast = new ArrayList<>();
    final List<Optional<Sat>> broadcastFees = new ArrayList<>();
    final PeerId alice = peer();
    final PeerId bob = peer();
    final FakeHolds holds = new FakeHolds();
    final ChainTime time = new ChainTime();
    Instant now = NOW;

    /// Whether the light client takes transactions.
    boolean broadcasting = true;

    final PaymentProcessor payments = processor(100);
    final PaymentChainListener chain = listener(payments);

    private final Deque<Runnable> checks = new ArrayDeque<>();

    /// The network's chain; alice hears of it block by block.
    private final FakeChain blocks = new FakeChain(new UtxoStore(group.wallet));

    private final Deque<Block> unheard = new ArrayDeque<>();
    private int requests;

    /// Whose wallet it is.
    Group group() {
        return new Group();
    }

    private static PeerId peer() {
        return Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
    }

    PaymentRequester requester(PaymentSigner signer) {
        return new PaymentRequester(
                group.wallet, alice.multihash(), coins, holds, payments, signer, new Random(1));
    }

    PaymentProcessor processor(int maxPayments) {
        return new PaymentProcessor(
                group.wallet,
                alice.multihash(),
                coins,
                tracker,
                this::send,
                holds,
                this::later,
                () -> now,
                events::add,
                new PaymentLedger(maxPayments, maxPayments));
    }

    PaymentChainListener listener(PaymentProcessor processor) {
        Consumer<UtxoEvent> coinListener = coinEvents::add;
        return new PaymentChainListener(coins, time, tracker, processor, coinListener);
    }

    private boolean send(PendingTransaction pending) {
        if (broadcasting) {
            broadcast.add(pending.transaction());
            broadcastFees.add(pending.fee());
        }
        return broadcasting;
    }

    /// A Bitcoin peer asks for it.
    static BroadcastEvent requested(Txid txid) {
        return new BroadcastEvent.Requested(txid, "127.0.0.1:1", new Reach(1, 1, 0, 0));
    }

    private void later(Runnable check) {
        checks.add(check);
    }

    void runChecks() {
        while (!checks.isEmpty()) {
            checks.poll().run();
        }
    }

    /// A block that pays the group one coin of this value; alice has not heard of it yet.
    Transaction coinElsewhere(long value) {
        Transaction pays = blocks.pay(group.wallet.scriptPubKey(), value);
        mineElsewhere(pays);
        return pays;
    }

    private void mineElsewhere(Transaction... transactions) {
        blocks.mine(transactions);
        unheard.add(blocks.last());
    }

    /// A block with these transactions, and alice hears of it.
    void mine(Transaction... transactions) {
        mine(chain, transactions);
    }

    void mine(PaymentChainListener listener, Transaction... transactions) {
        mineElsewhere(transactions);
        hearOfBlocks(listener);
    }

    void hearOfBlocks(PaymentChainListener listener) {
        while (!unheard.isEmpty()) {
            Block next = unheard.poll();
            int height = blocks.height() - unheard.size();
            listener.blockConnected(height, next.header(), next);
            listener.tip(height, next.hash());
        }
    }

    /// So many blocks without anything of interest.
    void mineEmpty(int count) {
        for (int i = 0; i < count; i++) {
            mine();
        }
    }

    /// The last block leaves the chain, and alice hears of it.
    void disconnect() {
        int height = blocks.height();
        BlockHeader gone = blocks.last().header();
        blocks.disconnect();
        chain.blockDisconnected(height, gone);
        chain.tip(blocks.height(), blocks.last().hash());
    }

    /// A payment of the only coin that this transaction gives the group.
    UnsignedPayment payment(Transaction pays) {
        UtxoStore view = new UtxoStore(group.wallet);
        new FakeChain(view).mine(pays);
        try {
            return new PaymentBuilder(group.wallet, view)
                    .build(
                            List.of(new TxOut(Sat.of(10_000), Group.STRANGER)),
                            FeeRate.satPerVirtualByte(2),
                            new CoinSelection.All());
        } catch (PaymentException e) {
            throw new AssertionError(e);
        }
    }

    /// A payment of a new coin in a block that alice has heard of.
    UnsignedPayment payment() {
        Transaction pays = coinElsewhere(50_000);
        hearOfBlocks(chain);
        return payment(pays);
    }

    SigningRequest request(UnsignedPayment payment, PeerId requester) {
        return request(payment, requester, Bytes.EMPTY);
    }

    SigningRequest request(UnsignedPayment payment, PeerId requester, Bytes key) {
        byte[] id = new byte[32];
        id[0] = (byte) requests++;
        List<MessageToSign> messages =
                payment.sighashes().stream()
                        .map(hash -> new MessageToSign(hash, KeyTweak.keyPathOnly()))
                        .toList();
        return new SigningRequest(
                new SessionId(Bytes.of(id)),
                new RequestGroup(
                        ZEROS,
                        ZEROS,
                        1,
                        group.wallet.keys().stream().map(PublicKey::bytes).toList()),
                requester,
                ZEROS,
                NOW,
                NOW.plus(Duration.ofMinutes(10)),
                messages,
                PaymentApproval.PURPOSE,
                payment.transaction().serializeWithoutWitness(),
                key,
                Bytes.EMPTY);
    }

    List<SchnorrSignature> signatures(UnsignedPayment payment) {
        return payment.sighashes().stream().map(group::sign).toList();
    }

    static Txid txid(UnsignedPayment payment) {
        return payment.transaction().txid();
    }

    /// All signatures of a request come to alice.
    SigningRequest signed(PaymentProcessor processor, UnsignedPayment payment, boolean own) {
        SigningRequest request = request(payment, own ? alice : bob);
        processor.signed(request, signatures(payment), now);
        return request;
    }
}
