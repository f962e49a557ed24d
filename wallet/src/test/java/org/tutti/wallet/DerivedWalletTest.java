package org.tutti.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.descriptor.MusigDescriptor;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.ExtendedPublicKey;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.policy.Allowlist;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.PaymentHold;
import org.tutti.wallet.policy.RefusalCode;
import org.tutti.wallet.policy.SpendPolicy;
import org.tutti.wallet.policy.StatedPolicyApproval;
import org.tutti.wallet.spend.CoinSelection;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.PaymentCompletion;
import org.tutti.wallet.spend.PaymentException;
import org.tutti.wallet.spend.UnsignedPayment;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/// A group with two branches of addresses: each coin is found, and signed for, by its own path.
class DerivedWalletTest {
    private static final Bytes ZEROS = Bytes.wrap(new byte[32]);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /// Deriving takes a while: once for all tests, which only read it.
    private static final Group GROUP = Group.derived();

    private final GroupWallet wallet = GROUP.wallet;
    private final UtxoStore utxos = new UtxoStore(wallet);
    private final FakeChain chain = new FakeChain(utxos);
    private final PeerId bob = peer();
    private final PaymentApproval alice =
            new PaymentApproval(
                    wallet,
                    utxos,
                    new SpendPolicy(Sat.of(200_000), Sat.of(2_000), new Allowlist.Any()),
                    DailySpending.unlimited(),
                    () -> true,
                    (_, _) -> Sat.ZERO,
                    Duration.ZERO);

    private static PeerId peer() {
        return Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
    }

    private static Script receive(int number) {
        return script(0, number);
    }

    private static Script change(int number) {
        return script(1, number);
    }

    /// As the descriptor says, which is read by other code than the wallet's.
    private static Script script(int branch, int number) {
        String keys =
                GROUP.wallet.keys().stream()
                        .map(key ->
                                new ExtendedPublicKey(
                                                Network.REGTEST.keyVersions(),
                                                0,
                                                Bytes.wrap(new byte[4]),
                                                0,
                                                ZEROS,
                                                key)
                                        .toText())
                        .collect(Collectors.joining(","));
        try {
            return MusigDescriptor.parse("tr(musig(" + keys + ")/<0;1>/*)").script(branch, number);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theAddressesAreThoseOfTheDescriptorAndNoOthers() throws Exception {
        int last = GroupWallet.BRANCH_ADDRESSES - 1;
        for (int number : List.of(0, 1, 19, 20, last)) {
            assertThat(wallet.path(receive(number))).contains(List.of(0, number));
            assertThat(wallet.path(change(number))).contains(List.of(1, number));
            assertThat(wallet.output(change(number)).scriptPubKey())
                    .isEqualTo(change(number).bytes());
        }
        assertThat(wallet.scriptPubKey()).isEqualTo(receive(0));
        assertThat(wallet.outputKey().bytes())
                .isEqualTo(Bytes.wrap(receive(0).slice(2, 34).toArray()));
        assertThat(Address.parse(wallet.address().text(), Network.REGTEST).scriptPubKey())
                .isEqualTo(receive(0));
        // Neither one more, nor that of the aggregate key itself, nor anybody's.
        for (Script other :
                List.of(
                        receive(last + 1),
                        change(last + 1),
                        GroupWallet.of(GROUP.publicKeys(), Network.REGTEST).scriptPubKey(),
                        Group.STRANGER)) {
            assertThat(wallet.owns(other)).isFalse();
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> wallet.address(other));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> wallet.output(other));
        }
        List<PublicKey> reversed = GROUP.publicKeys().reversed();
        assertThat(GroupWallet.derived(reversed, Network.REGTEST)).isEqualTo(wallet);
        assertThat(GroupWallet.of(reversed, Network.REGTEST)).isNotEqualTo(wallet);
    }

    @Test
    void aFreshAddressIsTheLowestThatIsNotUsedAndTheLastOneWhenAllAre() {
        assertThat(wallet.freshReceive(_ -> false)).isEqualTo(receive(0));
        Set<Script> used = new HashSet<>(List.of(receive(0), receive(2), change(0)));
        assertThat(wallet.freshReceive(used::contains)).isEqualTo(receive(1));
        assertThat(wallet.freshChange(used::contains)).isEqualTo(change(1));
        assertThat(wallet.freshChange(_ -> true))
                .isEqualTo(change(GroupWallet.BRANCH_ADDRESSES - 1));
    }

    @Test
    void anAddressStaysUsedWhenTheBlockThatPaidItLeavesTheChain() {
        chain.mine();
        chain.mine(chain.pay(receive(7), 5_000));
        assertThat(utxos.unspent().getFirst().path()).containsExactly(0, 7);
        chain.disconnect();
        assertThat(utxos.unspent()).isEmpty();
        assertThat(utxos.isUsed(receive(7))).isTrue();
        assertThat(utxos.isUsed(receive(6))).isFalse();
    }

    private UnsignedPayment payment() throws PaymentException {
        chain.mine(
                chain.pay(receive(3), 60_000),
                chain.pay(change(0), 70_000),
                chain.pay(receive(999), 80_000));
        return new PaymentBuilder(wallet, utxos)
                .build(
                        List.of(new TxOut(Sat.of(150_000), Group.STRANGER)),
                        FeeRate.satPerVirtualByte(2),
                        new CoinSelection.All());
    }

    @Test
    void eachInputIsSignedUnderTheKeyOfItsPathAndTheInterpreterAcceptsThemAll() throws Exception {
        UnsignedPayment payment = payment();
        SigningRequestDraft draft =
                PaymentApproval.draft(payment, Bytes.fromHex("aa"), Duration.ofMinutes(1));
        assertThat(draft.messages())
                .extracting(MessageToSign::path)
                .containsExactlyInAnyOrder(List.of(0, 3), List.of(1, 0), List.of(0, 999));
        List<SchnorrSignature> signatures =
                draft.messages().stream()
                        .map(message -> GROUP.sign(message.path(), message.hash()))
                        .toList();
        Transaction complete = PaymentCompletion.complete(payment, signatures);
        assertThat(complete.outputs().getLast().scriptPubKey()).isEqualTo(change(1));
        // A signature under another path of the group's is none.
        List<SchnorrSignature> wrong = new ArrayList<>(signatures);
        wrong.set(1, GROUP.sign(List.of(0, 0), draft.messages().get(1).hash()));
        assertThatExceptionOfType(PaymentException.class)
                .isThrownBy(() -> PaymentCompletion.complete(payment, wrong))
                .withMessageStartingWith("input 1");
    }

    private SigningRequest request(Bytes context, List<MessageToSign> messages) {
        return new SigningRequest(
                new SessionId(ZEROS),
                new RequestGroup(
                        ZEROS, ZEROS, 1, wallet.keys().stream().map(PublicKey::bytes).toList()),
                bob,
                ZEROS,
                NOW,
                NOW.plus(Duration.ofMinutes(10)),
                messages,
                PaymentApproval.PURPOSE,
                context,
                Bytes.EMPTY,
                Bytes.EMPTY);
    }

    private Decision decide(Bytes context, List<MessageToSign> messages) throws Exception {
        return alice.decide(
                request(context, messages),
                new Member(1, bob, GROUP.publicKeys().get(1), List.of()));
    }

    private static void refused(RefusalCode code, Decision decision) {
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(code.name()));
    }

    @Test
    void theApproverTakesEachPathFromItsOwnCoinsAndRefusesAnyOther() throws Exception {
        UnsignedPayment payment = payment();
        Bytes context = payment.transaction().serializeWithoutWitness();
        List<MessageToSign> good =
                PaymentApproval.draft(payment, Bytes.fromHex("aa"), Duration.ofMinutes(1))
                        .messages();
        assertThat(decide(context, good))
                .isInstanceOfSatisfying(
                        Decision.Approved.class,
                        approved -> assertThat(approved.messages()).isEqualTo(good));
        for (List<Integer> path : List.of(List.<Integer>of(), List.of(0, 4), List.of(1, 3))) {
            List<MessageToSign> other = new ArrayList<>(good);
            other.set(
                    0,
                    new MessageToSign(
                            good.getFirst().hash(),
                            KeyTweak.keyPathOnly(),
                            Optional.empty(),
                            path));
            refused(RefusalCode.SIGHASH_MISMATCH, decide(context, other));
        }
    }

    @Test
    void onlyWhatTheWalletDerivesIsChange() throws Exception {
        payment();
        for (Script back : List.of(change(5), receive(5), change(999))) {
            assertThat(decidePaying(back)).isInstanceOf(Decision.Approved.class);
        }
        GroupWallet plain = GroupWallet.of(GROUP.publicKeys(), Network.REGTEST);
        for (Script stranger : List.of(change(1_000), plain.scriptPubKey(), Group.STRANGER)) {
            refused(RefusalCode.CHANGE_NOT_OURS, decidePaying(stranger));
        }
    }

    /// A payment of 100,000 sat whose rest goes to this script.
    private Decision decidePaying(Script rest) throws Exception {
        List<Transaction> one =
                List.of(
                        FakeChain.spend(
                                utxos.unspent().stream().map(coin -> coin.outPoint()).toList(),
                                new TxOut(Sat.of(100_000), Group.STRANGER),
                                new TxOut(Sat.of(109_000), rest)));
        UnsignedPayment payment = new UnsignedPayment(one.getFirst(), utxos.unspent());
        return decide(
                payment.transaction().serializeWithoutWitness(),
                PaymentApproval.draft(payment, Bytes.EMPTY, Duration.ofMinutes(1)).messages());
    }

    @Test
    void whatAPaymentDoesIsTheSameWhicheverAddressItsChangeGoesToAndWhateverTheChainHasShown()
            throws Exception {
        UnsignedPayment payment = payment();
        TxOut paid = new TxOut(Sat.of(150_000), Group.STRANGER);
        GroupWallet before = GroupWallet.derived(GROUP.publicKeys(), Network.REGTEST);
        List<Bytes> contents = new ArrayList<>();
        for (Script back : List.of(change(0), change(999), receive(1))) {
            Transaction spend =
                    FakeChain.spend(
                            payment.utxos().stream().map(coin -> coin.outPoint()).toList(),
                            paid,
                            new TxOut(Sat.of(50_000), back));
            contents.add(PaymentHold.of(spend, wallet::owns).content());
            // As it is read from a journal, before any block is known.
            contents.add(PaymentHold.of(spend, before::owns).content());
        }
        assertThat(new HashSet<>(contents)).containsExactly(PaymentHold.content(List.of(paid)));
    }

    @Test
    void changeThatIsNotTheGroupsIsNeverBuilt() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new PaymentBuilder(wallet, utxos, _ -> false, Group.STRANGER));
    }

    @Test
    void whoNamedNoPolicyRefusesAndStillSaysWhatASignedPaymentHolds() throws Exception {
        UnsignedPayment payment = payment();
        SigningRequest request =
                request(
                        payment.transaction().serializeWithoutWitness(),
                        PaymentApproval.draft(payment, Bytes.EMPTY, Duration.ofMinutes(1))
                                .messages());
        Member member = new Member(1, bob, GROUP.publicKeys().get(1), List.of());
        AtomicBoolean stated = new AtomicBoolean();
        var approval = StatedPolicyApproval.around(alice, stated::get);
        refused(RefusalCode.NO_POLICY, approval.decide(request, member));
        assertThat(approval.holdOf(request)).isEqualTo(alice.holdOf(request));
        stated.set(true);
        assertThat(approval.decide(request, member)).isInstanceOf(Decision.Approved.class);
    }
}
