package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.coins.UtxoStore;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Three coins of 100,000 sat, and a policy: alice decides; bob asks, and sometimes mallory.
abstract class ApprovalFixture {
    private static final Bytes ZEROS = Bytes.wrap(new byte[32]);
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    static final Script FRIEND = Script.fromHex("0014" + "aa".repeat(20));
    static final Script FRIEND_TOO = Script.fromHex("0014" + "bb".repeat(20));

    final Group group = new Group();
    final Script ours = group.wallet.scriptPubKey();
    final UtxoStore utxos = new UtxoStore(group.wallet);
    final FakeChain chain = new FakeChain(utxos);
    final List<OutPoint> ourCoins = new ArrayList<>();
    final Member bob = member();
    Instant now = NOW;
    boolean room = true;

    /// No test waits for a block that does not come.
    Duration timeout = Duration.ZERO;

    private int sessions;
    final PaymentApproval alice = approval(new Allowlist.Only(Set.of(FRIEND, FRIEND_TOO)));

    PaymentApproval approval(Allowlist allowlist) {
        return approval(allowlist, DailySpending.unlimited());
    }

    PaymentApproval approval(Allowlist allowlist, DailySpending spending) {
        SpendPolicy policy = new SpendPolicy(Sat.of(50_000), Sat.of(2_000), allowlist);
        return new PaymentApproval(
                group.wallet, utxos, policy, spending, () -> room, (_, _) -> Sat.ZERO, timeout);
    }

    private Member member() {
        PeerId peer = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
        return new Member(1, peer, group.publicKeys().get(1), List.of());
    }

    @BeforeEach
    void threeCoinsOf100000() {
        chain.mineEmpty(1);
        Transaction pays = chain.pay(ours, 100_000, 100_000, 100_000);
        chain.mine(pays);
        for (int i = 0; i < 3; i++) {
            ourCoins.add(new OutPoint(pays.txid(), i));
        }
    }

    static TxOut to(Script script, long amount) {
        return new TxOut(Sat.of(amount), script);
    }

    /// Spends the first of our coins.
    Transaction spend(TxOut... outputs) {
        return FakeChain.spend(ourCoins.subList(0, 1), outputs);
    }

    /// What bob would ask for this transaction, with the sighashes of the prevouts that he claims:
    /// all of ours.
    SigningRequest request(Transaction transaction) {
        List<TxOut> prevouts = Collections.nCopies(transaction.inputs().size(), to(ours, 100_000));
        TaprootSighash sighash = TaprootSighash.of(transaction, prevouts);
        List<MessageToSign> messages = new ArrayList<>();
        for (int i = 0; i < prevouts.size(); i++) {
            Bytes hash = sighash.keyPath(i, SighashType.DEFAULT, Optional.empty());
            messages.add(new MessageToSign(hash, KeyTweak.keyPathOnly()));
        }
        return request(transaction.serializeWithoutWitness(), messages);
    }

    SigningRequest request(Bytes context, List<MessageToSign> messages) {
        return request(PaymentApproval.PURPOSE, keys(), context, messages);
    }

    List<Bytes> keys() {
        return group.wallet.keys().stream().map(PublicKey::bytes).toList();
    }

    SigningRequest request(
            String purpose, List<Bytes> keys, Bytes context, List<MessageToSign> messages) {
        byte[] id = new byte[32];
        id[0] = (byte) sessions;
        id[1] = (byte) (sessions++ >> 8);
        return new SigningRequest(
                new SessionId(Bytes.of(id)),
                new RequestGroup(ZEROS, ZEROS, 1, keys),
                bob.peerId(),
                ZEROS,
                NOW,
                NOW.plus(Duration.ofMinutes(10)),
                messages,
                purpose,
                context,
                Bytes.EMPTY,
                Bytes.EMPTY);
    }

    Decision decide(Transaction transaction) {
        return decide(alice, request(transaction));
    }

    Decision decide(PaymentApproval approval, SigningRequest request) {
        try {
            return approval.decide(request, bob);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static void refused(RefusalCode code, Decision decision) {
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Refused.class,
                        refused -> {
                            assertThat(refused.code()).isEqualTo(code.name());
                            assertThat(refused.reason()).isNotBlank().hasSizeLessThan(512);
                        });
    }

    void refused(RefusalCode code, Transaction transaction) {
        refused(code, decide(transaction));
    }
}
