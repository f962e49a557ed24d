package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.assertj.core.groups.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.SyncStatus;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;
import org.tutti.node.api.ReplaceRequest;
import org.tutti.node.config.MemberNames;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.LiveSession;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.RecoveryStatus;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.wallet.coins.LateChain;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.payments.PaymentProcessor;
import org.tutti.wallet.payments.PaymentRequester;
import org.tutti.wallet.payments.PaymentSigner;
import org.tutti.wallet.payments.PaymentState;
import org.tutti.wallet.spend.ConfirmationTracker;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

class NodeServiceTest {
    private static final SessionId SESSION = new SessionId(Bytes.fromHex("ab".repeat(32)));

    private static final NodeStatus.Secrets SECRETS =
            new NodeStatus.Secrets(true, true, false, true, true, List.of("dumpable"));

    private final Setup setup = new TestGroup().setup(0);
    private final PeerId bob = setup.others().getFirst().peerId();
    private final UtxoStore coins = new UtxoStore(setup.wallet());
    private final List<SigningRequestDraft> asked = new ArrayList<>();
    private static final SyncStatus CHAIN =
            new SyncStatus(
                    Instant.EPOCH,
                    SyncStatus.Phase.CONNECTING,
                    5,
                    BlockHash.ZERO,
                    Instant.EPOCH,
                    BigInteger.ONE,
                    5,
                    0,
                    false,
                    false,
                    List.of(),
                    new SyncStatus.Progress(0, 0, 0, 0, Optional.empty()),
                    List.of());
    private ChainReports.Tip tip = new ChainReports.Tip(-1, "");
    private Function<SigningRequestDraft, PaymentSigner.Started> signer =
            draft -> {
                asked.add(draft);
                return ended(new SessionOutcome.Signed(SESSION, List.of()));
            };

    /// Nothing is held.
    private final Holds holds =
            new Holds() {
                @Override
                public boolean isHeld(Bytes resource) {
                    return false;
                }

                @Override
                public void settle(SessionId session, Bytes outcome) {
                    throw new AssertionError("no payment is final here");
                }

                @Override
                public List<SettledHold> settled(Bytes idempotencyKey) {
                    return List.of();
                }

                @Override
                public Map<SessionId, Hold> underWay() {
                    return Map.of();
                }

                @Override
                public void allowConflict(SessionId session) {
                    throw new AssertionError("not asked for");
                }
            };

    private final PaymentProcessor payments =
            new PaymentProcessor(
                    setup.wallet(),
                    setup.self().peerId().multihash(),
                    coins,
                    new ConfirmationTracker(),
                    transaction -> true,
                    holds,
                    Runnable::run,
                    () -> Instant.EPOCH,
                    event -> {});
    private final List<SessionId> allowed = new ArrayList<>();
    private boolean agreed = true;
    private @Nullable RecoveryStatus recovery;
    private final List<String> accepted = new ArrayList<>();
    private static final Bytes JOURNAL = Bytes.fromHex("a1".repeat(16));
    private final List<MemberState> states =
            new ArrayList<>(
                    setup.group().members().stream()
                            .map(member -> state(member, true, false, "", ""))
                            .toList());
    private final List<LiveSession> live = new ArrayList<>();
    private final GroupAgreement agreement =
            new GroupAgreement() {
                @Override
                public boolean await(Duration timeout) {
                    return agreed;
                }

                @Override
                public List<MemberState> members() {
                    return states;
                }

                @Override
                public Optional<RecoveryStatus> recovery() {
                    return Optional.ofNullable(recovery);
                }

                @Override
                public List<LiveSession> sessions() {
                    return live;
                }
            };
    private final Set<OutPoint> heldCoins = new HashSet<>();

    private GroupService service(Optional<GroupService.Formed> formed) {
        return new GroupService(
                formed,
                setup,
                coins,
                payments,
                new PaymentRequester(
                        setup.wallet(),
                        setup.self().peerId().multihash(),
                        coins,
                        holds,
                        payments,
                        new PaymentSigner() {
                            @Override
                            public Started start(SigningRequestDraft draft) {
                                return signer.apply(draft);
                            }

                            @Override
                            public Optional<Started> running(Bytes idempotencyKey) {
                                return Optional.empty();
                            }
                        },
                        new Random(1)),
                () -> CHAIN,
                () ->
                        Map.of(
                                bob,
                                new MemberConnector.Link(
                                        true,
                                        Instant.EPOCH,
                                        Optional.of(Duration.ofNanos(412_900))),
                                setup.others().getLast().peerId(),
                                new MemberConnector.Link(false, Instant.EPOCH, Optional.empty())),
                coin -> heldCoins.contains(coin),
                agreement,
                setup::policy,
                () -> Optional.of(Sat.of(77)),
                new GroupService.Operator(
                        () -> Instant.EPOCH,
                        allowed::add,
                        (member, journal) -> {
                            accepted.add(member + " " + journal);
                            return journal.equals(JOURNAL);
                        }));
    }

    private final GroupService group = service(Optional.empty());
    private final NodeService node = node(Optional.of(group));

    private NodeService node(Optional<GroupService> ofGroup) {
        return node(ofGroup, List.of());
    }

    private NodeService node(Optional<GroupService> ofGroup, List<FormedGroup> formed) {
        return new NodeService(
                new NodeService.Base(
                        "regtest",
                        setup.self().peerId().toString(),
                        () -> tip,
                        () -> CHAIN,
                        () -> Map.of("GATED", 3L),
                        () -> SECRETS),
                ofGroup,
                () -> formed,
                Optional.empty());
    }

    @Test
    void aNodeWithoutGroupAndRequestsSaysSoAndStillHasAStatus() throws Exception {
        NodeService bare = node(Optional.empty());
        assertThat(bare.status().members()).isEmpty();
        assertThat(bare.status().requests()).isEmpty();
        assertThat(bare.status().peerId()).isEqualTo(setup.self().peerId().toString());
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(bare::address)
                .satisfies(e -> assertThat(e.code()).isEqualTo("NO_GROUP"));
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(bare::requests)
                .satisfies(e -> assertThat(e.code()).isEqualTo("NO_REQUESTS"));
    }

    @Test
    void operatorMayAcceptTheClockAndOnlyAKnownSessionMayBeMadeImpossible() throws Exception {
        assertThat(node.acceptClock().time()).isEqualTo("1970-01-01T00:00:00Z");
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> node.allowConflict("00".repeat(32)))
                .satisfies(e -> assertThat(e.code()).isEqualTo("NO_SUCH_SESSION"));
        assertThat(allowed).isEmpty();
    }

    @Test
    void operatorAcceptsTheJournalThatAMemberAsksForAndNoOther() throws Exception {
        String peer = bob.toString();
        assertThat(node.acceptRecovery(peer, JOURNAL.toHex()).journal()).isEqualTo(JOURNAL.toHex());
        assertThat(accepted).containsExactly(bob + " " + JOURNAL);
        String self = setup.self().peerId().toString();
        for (List<String> wrong :
                List.of(
                        List.of(peer, "b2".repeat(16), "NOT_ASKED_FOR"),
                        List.of(peer, "a1", "BAD_REQUEST"),
                        List.of(peer, "A1".repeat(16), "BAD_REQUEST"),
                        List.of(self, JOURNAL.toHex(), "NO_SUCH_MEMBER"),
                        List.of("nobody", JOURNAL.toHex(), "NO_SUCH_MEMBER"))) {
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() -> node.acceptRecovery(wrong.get(0), wrong.get(1)))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(wrong.get(2)));
        }
    }

    @Test
    void statusSaysWhoseJournalWasLostAndHowFarItsRecoveryIs() throws Exception {
        assertThat(node.status().recovery()).isEmpty();
        Member first = setup.group().member(0);
        Member second = setup.group().member(1);
        recovery = new RecoveryStatus(JOURNAL, List.of(first, second), List.of(second), true);
        states.set(0, asking(first, false));
        states.set(1, asking(second, true));
        assertThat(node.status().recovery())
                .contains(
                        new NodeStatus.Recovery(
                                JOURNAL.toHex(),
                                List.of(first.peerId().toString(), second.peerId().toString()),
                                List.of(second.peerId().toString()),
                                true));
        assertThat(node.status().members().subList(0, 2))
                .extracting(NodeStatus.Member::state)
                .containsExactly(
                        NodeStatus.Member.State.RECOVERING, NodeStatus.Member.State.ACCEPTED);
        assertThat(node.status().members().getFirst().theirs()).contains(JOURNAL.toHex());
    }

    private static MemberState asking(Member member, boolean consented) {
        return new MemberState(
                member,
                true,
                true,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.of(JOURNAL),
                consented);
    }

    private static MemberState state(
            Member member, boolean agreed, boolean copied, String terms, String group) {
        return new MemberState(
                member,
                true,
                agreed,
                copied,
                Optional.of(Bytes.fromHex(terms)).filter(bytes -> !bytes.isEmpty()),
                Optional.of(Bytes.fromHex(group)).filter(bytes -> !bytes.isEmpty()),
                Optional.empty(),
                false);
    }

    @Test
    void noAddressIsShownBeforeAllHaveAgreedAndTheMissingAreNamed() throws Exception {
        agreed = false;
        Member first = setup.group().member(0);
        Member second = setup.group().member(1);
        states.set(0, state(first, false, false, "62630a", ""));
        states.set(1, state(second, false, false, "", "7777"));
        assertThat(node.status().address()).isEmpty();
        assertThat(node.status().members())
                .extracting(NodeStatus.Member::state)
                .containsExactly(
                        NodeStatus.Member.State.OTHER_ADDRESS,
                        NodeStatus.Member.State.OTHER_GROUP,
                        NodeStatus.Member.State.AGREED);
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(node::address)
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo("NOT_AGREED");
                    assertThat(e.reason())
                            .contains(
                                    new MemberNames(List.of()).of(first.peerId())
                                            + " derives a different group address, bc?")
                            .contains(
                                    new MemberNames(List.of()).of(second.peerId())
                                            + " is in another group")
                            .contains("7777")
                            .doesNotContain(
                                    new MemberNames(List.of())
                                            .of(setup.group().member(2).peerId()));
                });
        states.set(0, state(first, false, false, "", ""));
        states.set(1, state(second, true, true, "", ""));
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(node::address)
                .satisfies(e ->
                        assertThat(e.reason())
                                .contains(new MemberNames(List.of()).of(first.peerId()))
                                .contains("two processes"));
    }

    /// A group that strangers have formed, with the same members.
    private FormedGroup formed(String digit, String name) {
        return new FormedGroup(
                service(
                        Optional.of(
                                new GroupService.Formed(
                                        digit.repeat(64), "f" + digit.repeat(63), name))),
                new LateChain(new ChainListener() {}, 1),
                () -> false);
    }

    private static String refusal(Asked asked) {
        try {
            var _ = asked.ask();
            return "";
        } catch (ApiException e) {
            return e.code();
        }
    }

    /// Something that a node refuses.
    @FunctionalInterface
    private interface Asked {
        Record ask() throws ApiException;
    }

    @Test
    void withoutANameTheConfiguredGroupIsMeantOrElseTheOnlyOne() throws Exception {
        agreed = false; // So that the configured group has no address.
        FormedGroup savings = formed("a", "savings");
        FormedGroup rent = formed("b", "rent");
        NodeService both = node(Optional.of(group), List.of(savings, rent));
        assertThat(refusal(both::address)).isEqualTo("NOT_AGREED");
        for (String text : List.of("savings", "a".repeat(64), "a".repeat(8), "f" + "a".repeat(9))) {
            assertThat(both.address(Optional.of(text)).address())
                    .isEqualTo(setup.wallet().address().text());
        }
        for (String text : List.of("aaaaaaa", "A".repeat(8), "savin", "", "c".repeat(64))) {
            assertThat(refusal(() -> both.address(Optional.of(text)))).isEqualTo("NO_SUCH_GROUP");
        }
        NodeService one = node(Optional.empty(), List.of(rent));
        assertThat(one.address().network()).isEqualTo("regtest");
        NodeService two = node(Optional.empty(), List.of(savings, rent));
        assertThat(refusal(two::address)).isEqualTo("AMBIGUOUS");
        assertThat(refusal(() -> two.pay(request(5, Optional.empty(), Optional.empty()))))
                .isEqualTo("AMBIGUOUS");
        NodeService same = node(Optional.empty(), List.of(rent, formed("b", "rent")));
        assertThat(refusal(() -> same.address(Optional.of("rent")))).isEqualTo("AMBIGUOUS");
    }

    @Test
    void whatIsAskedByAnIdIsLookedForInEveryGroup() throws Exception {
        NodeService both = node(Optional.of(group), List.of(formed("a", "savings")));
        assertThat(refusal(() -> both.payment("5e".repeat(32)))).isEqualTo("NO_SUCH_PAYMENT");
        assertThat(refusal(() -> both.bump(new ReplaceRequest("none", Optional.empty()))))
                .isEqualTo("NO_SUCH_PAYMENT");
        assertThat(refusal(() -> both.allowConflict("00".repeat(32)))).isEqualTo("NO_SUCH_SESSION");
        assertThat(both.acceptRecovery(bob.toString(), JOURNAL.toHex()).journal())
                .isEqualTo(JOURNAL.toHex());
        // The member asks each group, and each is told.
        assertThat(accepted).hasSize(2);
        assertThat(both.payments().payments()).isEmpty();
        NodeStatus.FormedGroup told = both.status().groups().orElseThrow().getFirst();
        assertThat(told.name()).isEqualTo("savings");
        assertThat(told.caughtUp()).isFalse();
        assertThat(told.signs()).isFalse();
        assertThat(told.address()).isEqualTo(setup.wallet().address().text());
        assertThat(told.members()).hasSize(3);
        assertThat(node.status().groups()).isEmpty();
    }

    @Test
    void theAddressIsTheWallets() throws Exception {
        assertThat(node.address().address()).isEqualTo(setup.wallet().address().text());
        assertThat(node.address().network()).isEqualTo("regtest");
        assertThat(node.address().outputKey())
                .isEqualTo(setup.wallet().outputKey().bytes().toHex());
    }

    @Test
    void theStatusTellsWhoIsConnectedAndThatThereIsNoChainYet() throws Exception {
        NodeStatus status = node.status();
        assertThat(status.height()).isEqualTo(-1);
        assertThat(status.tip()).isEmpty();
        assertThat(status.chain().headers()).isEqualTo(5);
        assertThat(status.balance()).isEqualTo(new NodeStatus.Balance(0, 0, 0));
        assertThat(status.members()).hasSize(3);
        assertThat(status.secrets()).isEqualTo(SECRETS);
        assertThat(status.members())
                .filteredOn(NodeStatus.Member::self)
                .extracting(NodeStatus.Member::peerId)
                .containsExactly(status.peerId());
        assertThat(status.members())
                .filteredOn(NodeStatus.Member::connected)
                .extracting(NodeStatus.Member::peerId, NodeStatus.Member::roundTripMicros)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(bob.toString(), Optional.of(412L)));
    }

    @Test
    void coinsThatCannotBeSpentYetCountForTheTotalAlone() throws Exception {
        fund();
        tip = new ChainReports.Tip(1, "00ff");
        NodeStatus status = node.status();
        assertThat(status.tip()).contains("00ff");
        assertThat(status.balance()).isEqualTo(new NodeStatus.Balance(150_000, 50_000, 1));
        assertThat(status.coins())
                .extracting(NodeStatus.Utxo::valueSat, NodeStatus.Utxo::spendable)
                .containsExactly(Tuple.tuple(100_000L, false), Tuple.tuple(50_000L, true));
    }

    @Test
    void aPaymentAnswersWithSessionTxidAndFee() throws Exception {
        fund();
        PaymentResult paid = node.pay(request(10_000, Optional.empty(), Optional.of(1L)));
        Transaction transaction = Transaction.parseWithoutWitness(asked.getFirst().context());
        assertThat(paid.session()).isEqualTo("ab".repeat(32));
        assertThat(paid.txid()).isEqualTo(transaction.txid().toString());
        long out = transaction.outputs().stream().mapToLong(o -> o.value().value()).sum();
        assertThat(paid.feeSat()).contains(50_000 - out);
        assertThat(paid.state()).isEqualTo(PaymentState.SIGNED);
        assertThat(paid.key()).matches("[0-9a-f]{32}");
        // 2 sat/vB, as nothing else is asked for.
        node.pay(request(10_000, Optional.of(4L), Optional.empty()));
        long more =
                Transaction.parseWithoutWitness(asked.get(1).context()).outputs().stream()
                        .mapToLong(o -> o.value().value())
                        .sum();
        assertThat(50_000 - more).isEqualTo(2 * paid.feeSat().orElseThrow());
    }

    @Test
    void aRequestThatMakesNoSenseIsRefusedByField() {
        refused(request(0, Optional.empty(), Optional.empty()), "BAD_REQUEST", "amountSat: 1 to");
        refused(
                request(Sat.MAX_VALUE + 1, Optional.empty(), Optional.empty()),
                "BAD_REQUEST",
                "amountSat: 1 to");
        refused(
                request(5, Optional.of(0L), Optional.empty()),
                "BAD_REQUEST",
                "feeRate: 1 to 100000 sat/vB, not 0");
        refused(
                request(5, Optional.of(100_001L), Optional.empty()),
                "BAD_REQUEST",
                "feeRate: 1 to 100000 sat/vB, not 100001");
        refused(
                request(5, Optional.empty(), Optional.of(0L)),
                "BAD_REQUEST",
                "coins: 1 to 100, not 0");
        refused(
                request(5, Optional.empty(), Optional.of(101L)),
                "BAD_REQUEST",
                "coins: 1 to 100, not 101");
        refused(
                new PayRequest("nowhere", 5, Optional.empty(), Optional.empty()),
                "BAD_REQUEST",
                "to: ");
        assertThat(asked).isEmpty();
    }

    @Test
    void whatStandsInTheWayOfAPaymentKeepsItsCode() {
        fund();
        refused(
                request(90_000_000_000L, Optional.empty(), Optional.empty()),
                "INSUFFICIENT_FUNDS",
                "50000 sat in 1 coins do not cover 90000000000 sat and the fee");
        signer =
                _ ->
                        ended(
                                new SessionOutcome.Refused(
                                        SESSION,
                                        setup.others().getFirst(),
                                        "FEE_ABOVE_LIMIT",
                                        "too much",
                                        false));
        refused(
                request(10_000, Optional.empty(), Optional.empty()),
                "FEE_ABOVE_LIMIT",
                setup.others().getFirst() + " refuses: too much");
        signer =
                _ ->
                        new Session() {
                            @Override
                            public SessionOutcome await(Duration timeout)
                                    throws InterruptedException {
                                throw new InterruptedException();
                            }
                        };
        refused(
                request(10_000, Optional.empty(), Optional.empty()),
                "UNKNOWN_OUTCOME",
                "session "
                        + SESSION
                        + " continues after the next start of this node; the payment may still be signed:"
                        + " do not repeat it without --key ");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aKeyIsPrintableAndShort() {
        for (String key : List.of("", " ", "rent may", "k\u007f", "ü", "k".repeat(65))) {
            refused(
                    new PayRequest(
                            TestGroup.NOBODY,
                            5,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(key),
                            Optional.empty()),
                    "BAD_REQUEST",
                    "key: 1 to 64 printable ASCII characters");
        }
    }

    @Test
    void theStatusTellsOfAPaymentWhereItStandsAndWhatItIs() throws Exception {
        fund();
        PaymentResult paid =
                node.pay(
                        new PayRequest(
                                TestGroup.NOBODY,
                                10_000,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of("rent"),
                                Optional.empty()));
        assertThat(paid.key()).isEqualTo("rent");
        payments.committed(request(asked.getFirst(), setup.self().peerId()));
        assertThat(node.status().payments())
                .containsExactly(
                        new NodeStatus.Payment(
                                paid.txid(),
                                PaymentState.SIGNING,
                                "1970-01-01T00:00:00Z",
                                Optional.of("1970-01-01T00:00:00Z"),
                                Optional.of(setup.self().peerId().toString()),
                                0,
                                Optional.empty(),
                                Optional.empty(),
                                0,
                                Optional.of("ab".repeat(32)),
                                Optional.of("rent"),
                                10_000,
                                List.of(new NodeStatus.Output(TestGroup.NOBODY, 10_000)),
                                paid.feeSat(),
                                Optional.of(2.0),
                                Optional.empty()));
        assertThat(node.payment("rent")).isEqualTo(node.payment(paid.txid()));
        assertThat(node.payment("abababab")).isEqualTo(node.payment("ab".repeat(32)));
        for (String unknown : List.of("abababa", "", "rent2", "cd".repeat(32))) {
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() -> node.payment(unknown))
                    .satisfies(e -> assertThat(e.code()).isEqualTo("NO_SUCH_PAYMENT"));
        }
        payments.unknown(request(asked.getFirst(), setup.self().peerId()));
        assertThat(node.status().payments().getFirst().state()).isEqualTo(PaymentState.UNKNOWN);
    }

    @Test
    void aCoinThatIsPromisedIsNotCalledSpendable() throws Exception {
        fund();
        NodeStatus before = node.status();
        NodeStatus.Utxo coin =
                before.coins().stream()
                        .filter(NodeStatus.Utxo::spendable)
                        .findFirst()
                        .orElseThrow();
        var _ = node.pay(request(10_000, Optional.empty(), Optional.empty()));
        payments.committed(request(asked.getFirst(), setup.self().peerId()));
        coins.unspent().stream()
                .map(Utxo::outPoint)
                .filter(point -> point.txid().toString().equals(coin.txid()))
                .filter(point -> point.vout() == coin.vout())
                .forEach(heldCoins::add);
        NodeStatus after = node.status();
        assertThat(after.balance())
                .isEqualTo(
                        new NodeStatus.Balance(
                                before.balance().totalSat(),
                                before.balance().spendableSat() - coin.valueSat(),
                                before.balance().spendableCoins() - 1));
        assertThat(after.coins())
                .contains(
                        new NodeStatus.Utxo(
                                coin.txid(),
                                coin.vout(),
                                coin.valueSat(),
                                coin.height(),
                                coin.coinbase(),
                                false,
                                Optional.of("ab".repeat(32))));
    }

    @Test
    void beforeTheFirstBlockAPaymentIsRefusedBecauseOfTheChain() {
        refused(
                request(10_000, Optional.empty(), Optional.empty()),
                "CHAIN_UNKNOWN",
                "this node has seen no block yet");
    }

    /// Another member's key may be any bytes: it is not shown.
    @Test
    void theKeyOfAnothersPaymentIsNotShown() throws Exception {
        fund();
        var _ = node.pay(request(10_000, Optional.empty(), Optional.empty()));
        payments.reserved(request(asked.getFirst(), bob));
        assertThat(node.status().payments())
                .singleElement()
                .satisfies(payment -> {
                    assertThat(payment.key()).isEmpty();
                    assertThat(payment.state()).isEqualTo(PaymentState.PROPOSED);
                });
    }

    private static SigningRequest request(SigningRequestDraft draft, PeerId requester) {
        return new SigningRequest(
                SESSION,
                new RequestGroup(SESSION.bytes(), SESSION.bytes(), 1, List.of()),
                requester,
                SESSION.bytes(),
                Instant.EPOCH,
                Instant.EPOCH.plus(draft.lifetime()),
                draft.messages(),
                draft.purpose(),
                draft.context(),
                draft.idempotencyKey(),
                Bytes.EMPTY);
    }

    /// A session of the signing service's.
    private abstract static class Session implements PaymentSigner.Started {
        @Override
        public SessionId session() {
            return SESSION;
        }
    }

    private static PaymentSigner.Started ended(SessionOutcome outcome) {
        return new Session() {
            @Override
            public SessionOutcome await(Duration timeout) {
                return outcome;
            }
        };
    }

    /// A coinbase of 100,000 sat and a payment of 50,000 to the group in one block.
    private void fund() {
        TxIn reward =
                new TxIn(OutPoint.COINBASE, Script.fromHex("0101"), Sequence.FINAL, List.of());
        TxIn elsewhere = TxIn.unsigned(new OutPoint(Txid.hashOf(new byte[] {1}), 0), Sequence.ZERO);
        coins.connect(
                1,
                new Block(
                        new BlockHeader(4, BlockHash.ZERO, MerkleNode.ZERO, 0, 0x207fffffL, 0),
                        List.of(toGroup(reward, 100_000), toGroup(elsewhere, 50_000))));
    }

    private Transaction toGroup(TxIn input, long value) {
        return new Transaction(
                2,
                List.of(input),
                List.of(new TxOut(Sat.of(value), setup.wallet().scriptPubKey())),
                LockTime.NONE);
    }

    private static PayRequest request(long amount, Optional<Long> feeRate, Optional<Long> coins) {
        return new PayRequest(TestGroup.NOBODY, amount, feeRate, coins);
    }

    private void refused(PayRequest request, String code, String reason) {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> node.pay(request))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.reason()).startsWith(reason);
                });
    }

    @Test
    void aSessionThatHasNotEndedIsListedWithWhomItWaitsFor() throws Exception {
        SessionId id = new SessionId(Bytes.fromHex("5e".repeat(32)));
        List<Member> members = setup.group().members();
        live.add(new LiveSession(id, members.get(1), 2, "NONCES", List.of(members.get(0))));
        assertThat(node.status().sessions())
                .containsExactly(
                        new NodeStatus.Session(
                                id.toString(),
                                members.get(1).peerId().toString(),
                                2,
                                NodeStatus.Session.Phase.NONCES,
                                List.of(members.get(0).peerId().toString())));
    }
}
