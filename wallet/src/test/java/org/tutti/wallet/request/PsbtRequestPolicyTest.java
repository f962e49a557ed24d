package org.tutti.wallet.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.SessionId;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.policy.Allowlist;
import org.tutti.wallet.policy.ClockReading;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.RefusalCode;
import org.tutti.wallet.policy.TestSpending;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What one signer joins, by its rules.
class PsbtRequestPolicyTest extends RequestFixture {
    private static final RequestRules RULES =
            RequestRules.DEFAULT.withMode(RequestRules.Mode.BY_RULES);

    @TempDir Path folder;
    private final Map<OutPoint, UtxoState> known = new HashMap<>();
    private int tip = 100;

    /// After so many questions the chain is there.
    private int asksUntilThere;

    private boolean room = true;
    private Instant now = NOW;
    private long running;

    private final RequestChain chain =
            new RequestChain() {
                @Override
                public int tipHeight() {
                    if (asksUntilThere > 0 && --asksUntilThere == 0) {
                        tip = 100;
                    }
                    return tip;
                }

                @Override
                public Optional<UtxoState> find(OutPoint coin) {
                    return Optional.ofNullable(known.get(coin));
                }
            };

    private PsbtRequestPolicy policy(RequestRules rules) {
        return policy(rules, DailySpending.unlimited());
    }

    private PsbtRequestPolicy policy(RequestRules rules, DailySpending spending) {
        return new PsbtRequestPolicy(NETWORK, rules, spending, chain, () -> room);
    }

    private DailySpending limit(long sat) {
        return TestSpending.open(
                folder.resolve("requests"),
                Sat.of(sat),
                () -> new ClockReading(now, running, Instant.MIN));
    }

    private Judgement judge(RequestRules rules, Psbt psbt) throws Exception {
        return policy(rules).judge(request(psbt), psbt.serialize());
    }

    private static void refused(RefusalCode code, Judgement judgement) {
        assertThat(judgement).isInstanceOf(Judgement.Refused.class);
        Judgement.Refused refused = (Judgement.Refused) judgement;
        assertThat(refused.code()).as(refused.reason()).isEqualTo(code.name());
        assertThat(refused.reason()).isNotBlank();
    }

    private static RequestRules with(Sat amount, Sat fee, Allowlist destinations) {
        return new RequestRules(
                RequestRules.Mode.BY_RULES,
                Set.of(),
                Set.of(),
                amount,
                fee,
                destinations,
                RequestRules.RawMessages.REFUSE,
                false);
    }

    private RequestRules claims(Set<String> types, boolean ofRequester) {
        return new RequestRules(
                RequestRules.Mode.BY_RULES,
                types,
                Set.of(ofRequester ? requester() : group.publicKeys().getLast()),
                Sat.of(100_000),
                Sat.of(10_000),
                new Allowlist.Any(),
                RequestRules.RawMessages.REFUSE,
                false);
    }

    // --- what is approved

    @Test
    void byDefaultAPersonDecidesOnWhatTheRulesAllow() throws Exception {
        Psbt psbt = payment();
        Judgement judgement = judge(RequestRules.DEFAULT, psbt);
        RequestTransaction read = read(psbt.serialize());
        assertThat(judgement)
                .isEqualTo(
                        new Judgement.AskPerson(read.toSign(), read.hold(), judgement.summary()));
        assertThat(judgement.summary())
                .contains(
                        "takes 61000 sat from 1 coins of these 3 keys, fee included",
                        "pays 60000 sat to " + Address.of(FRIEND, NETWORK).text(),
                        "fee 1000 sat",
                        "change 39000 sat to these keys",
                        "claims to be: \"spend\" of 60000 sat",
                        "claims: \"for a test\"")
                .noneMatch(line -> line.contains("another amount"));
    }

    @Test
    void byRulesItIsApprovedAtOnce() throws Exception {
        Psbt psbt = payment();
        RequestTransaction read = read(psbt.serialize());
        assertThat(judge(RULES, psbt))
                .isInstanceOfSatisfying(
                        Judgement.Approved.class,
                        approved -> {
                            assertThat(approved.messages()).isEqualTo(read.toSign());
                            assertThat(approved.hold()).isEqualTo(read.hold());
                        });
    }

    @Test
    void changedRulesDecideFromThenOn() throws Exception {
        Psbt psbt = payment();
        PsbtRequestPolicy policy = policy(RULES);
        policy.use(with(Sat.of(1), Sat.of(10_000), new Allowlist.Any()));
        refused(RefusalCode.AMOUNT_ABOVE_LIMIT, policy.judge(request(psbt), psbt.serialize()));
    }

    @Test
    void peopleAreToldOfAClaimThatIsNotTrueAndOfOthersMoney() throws Exception {
        Psbt psbt =
                Psbt.of(
                        transaction(List.of(coin(1), coin(2)), out(FRIEND, 99_000)),
                        List.of(out(ours, 50_000), out(FRIEND, 50_000)));
        assertThat(judge(RULES, psbt).summary())
                .contains(
                        "others bring 50000 sat",
                        "its requester claims another amount than it pays, 99000 sat");
    }

    @Test
    void manyOutputsAreSummedUpForPeople() throws Exception {
        TxOut[] many =
                Collections.nCopies(RequestSummary.MAX_OUTPUTS + 3, out(FRIEND, 1_000))
                        .toArray(TxOut[]::new);
        Psbt psbt = Psbt.of(transaction(List.of(coin(1)), many), List.of(out(ours, 50_000)));
        assertThat(judge(RULES, psbt).summary())
                .contains("pays 3000 sat to 3 others")
                .filteredOn(line -> line.startsWith("pays 1000 sat to"))
                .hasSize(RequestSummary.MAX_OUTPUTS);
    }

    @Test
    void aRequestersWordsDoNotMoveATerminalsCursor() throws Exception {
        Psbt psbt = payment();
        Invitation request = request(psbt);
        Invitation hostile =
                new Invitation(
                        request.id(),
                        request.header(),
                        request.keys(),
                        request.keyOrder(),
                        request.messages(),
                        request.amount(),
                        request.type(),
                        "a\u001b[2Jb\nc\u202ed",
                        request.purpose(),
                        request.psbt(),
                        request.election(),
                        request.birthday(),
                        request.envelope());
        assertThat(policy(RULES).judge(hostile, psbt.serialize()).summary())
                .contains("claims: \"a?[2Jb?c?d\"");
    }

    // --- what is refused

    @Test
    void whatTheTransactionAloneForbidsIsRefusedByItsCode() throws Exception {
        Psbt psbt = payment();
        refused(
                RefusalCode.SIGHASH_MISMATCH,
                policy(RULES)
                        .judge(
                                request(
                                        psbt.serialize(),
                                        List.of(RequestedMessage.keyPath(hash(1)))),
                                psbt.serialize()));
    }

    @Test
    void anotherNetworksRequestIsRefusedAlsoWithoutTransaction() throws Exception {
        refused(
                RefusalCode.OTHER_NETWORK,
                policy(raw(RequestRules.RawMessages.ALLOW))
                        .judge(
                                request(
                                        Bytes.EMPTY,
                                        List.of(RequestedMessage.untweaked(hash(1))),
                                        Network.MAINNET.id(),
                                        KeyOrder.SORTED,
                                        group.wallet.keys()),
                                Bytes.EMPTY));
    }

    @Test
    void nothingIsSignedOnMainnetUnlessTheRulesSaySo() throws Exception {
        Invitation request =
                request(
                        Bytes.EMPTY,
                        List.of(RequestedMessage.untweaked(hash(1))),
                        Network.MAINNET.id(),
                        KeyOrder.SORTED,
                        group.wallet.keys());
        for (boolean allowed : new boolean[] {false, true}) {
            RequestRules rules =
                    new RequestRules(
                            RequestRules.Mode.BY_RULES,
                            Set.of(),
                            Set.of(),
                            Sat.MAX,
                            Sat.MAX,
                            new Allowlist.Any(),
                            RequestRules.RawMessages.ALLOW,
                            allowed);
            Judgement judgement =
                    new PsbtRequestPolicy(
                                    Network.MAINNET,
                                    rules,
                                    DailySpending.unlimited(),
                                    chain,
                                    () -> true)
                            .judge(request, Bytes.EMPTY);
            if (allowed) {
                assertThat(judgement).isInstanceOf(Judgement.Approved.class);
            } else {
                refused(RefusalCode.MAINNET_NOT_ALLOWED, judgement);
            }
        }
    }

    @Test
    void typesAndRequestersThatTheRulesDoNotNameAreRefused() throws Exception {
        Psbt psbt = payment();
        refused(RefusalCode.TYPE_NOT_ALLOWED, judge(claims(Set.of("swap"), true), psbt));
        refused(RefusalCode.REQUESTER_NOT_ALLOWED, judge(claims(Set.of("spend"), false), psbt));
        assertThat(judge(claims(Set.of("spend"), true), psbt))
                .isInstanceOf(Judgement.Approved.class);
    }

    @Test
    void whatARequestTakesIsBoundedFeeIncluded() throws Exception {
        assertThat(judge(with(Sat.of(61_000), Sat.of(10_000), new Allowlist.Any()), payment()))
                .isInstanceOf(Judgement.Approved.class);
        refused(
                RefusalCode.AMOUNT_ABOVE_LIMIT,
                judge(with(Sat.of(60_999), Sat.of(10_000), new Allowlist.Any()), payment()));
    }

    @Test
    void theFeeIsBoundedBothWays() throws Exception {
        refused(
                RefusalCode.FEE_ABOVE_LIMIT,
                judge(with(Sat.of(100_000), Sat.of(999), new Allowlist.Any()), payment()));
        refused(
                RefusalCode.FEE_BELOW_RELAY,
                judge(
                        RULES,
                        Psbt.of(
                                transaction(List.of(coin(1)), out(FRIEND, 99_950)),
                                List.of(out(ours, 100_000)))));
    }

    @Test
    void onlyAllowedDestinationsArePaidBesidesTheKeys() throws Exception {
        assertThat(
                        judge(
                                with(
                                        Sat.of(100_000),
                                        Sat.of(10_000),
                                        new Allowlist.Only(Set.of(FRIEND))),
                                payment()))
                .isInstanceOf(Judgement.Approved.class);
        refused(
                RefusalCode.DESTINATION_NOT_ALLOWED,
                judge(
                        with(
                                Sat.of(100_000),
                                Sat.of(10_000),
                                new Allowlist.Only(Set.of(Script.fromHex("51")))),
                        payment()));
    }

    @Test
    void dustIsRefused() throws Exception {
        refused(
                RefusalCode.DUST_OUTPUT,
                judge(
                        RULES,
                        Psbt.of(
                                transaction(List.of(coin(1)), out(FRIEND, 293), out(ours, 98_000)),
                                List.of(out(ours, 100_000)))));
    }

    @Test
    void aLockTimeMayBeALittleAheadAndNoMore() throws Exception {
        int last = tip + PsbtRequestPolicy.MAX_BLOCKS_AHEAD;
        assertThat(judge(RULES, locked(last))).isInstanceOf(Judgement.Approved.class);
        refused(RefusalCode.NOT_FINAL, judge(RULES, locked(last + 1)));
        refused(RefusalCode.NOT_FINAL, judge(RULES, locked(LockTime.THRESHOLD)));
        refused(RefusalCode.NOT_FINAL, judge(RULES, locked(0xffff_ffffL)));
    }

    private Psbt locked(long lock) {
        return Psbt.of(
                transaction(2, LockTime.of(lock), List.of(coin(1)), out(FRIEND, 99_000)),
                List.of(out(ours, 100_000)));
    }

    @Test
    void aRelativeLockIsRefused() throws Exception {
        Transaction transaction =
                new Transaction(
                        2,
                        List.of(TxIn.unsigned(coin(1), Sequence.of(5))),
                        List.of(out(FRIEND, 99_000)),
                        LockTime.NONE);
        refused(
                RefusalCode.NOT_FINAL,
                judge(RULES, Psbt.of(transaction, List.of(out(ours, 100_000)))));
    }

    @Test
    void withoutAChainALockTimeWaitsAndOthersDoNot() throws Exception {
        tip = -1;
        assertThat(judge(RULES, payment())).isInstanceOf(Judgement.Approved.class);
        asksUntilThere = 2;
        assertThat(judge(RULES, locked(100))).isInstanceOf(Judgement.Approved.class);
    }

    @Test
    void aCoinThatTheChainShowsOtherwiseIsRefused() throws Exception {
        Psbt psbt = payment();
        Utxo same = new Utxo(coin(1), out(ours, 100_000), 90, false);
        known.put(coin(1), new UtxoState.Unspent(same));
        assertThat(judge(RULES, psbt)).isInstanceOf(Judgement.Approved.class);
        known.put(coin(1), new UtxoState.Unspent(new Utxo(coin(1), out(ours, 100_001), 90, false)));
        refused(RefusalCode.PREVOUT_DIFFERS, judge(RULES, psbt));
        known.put(coin(1), new UtxoState.Unspent(new Utxo(coin(1), out(ours, 100_000), 90, true)));
        refused(RefusalCode.IMMATURE, judge(RULES, psbt));
        known.put(coin(1), new UtxoState.Spent(same, Txid.hashOf(new byte[1]), 95));
        refused(RefusalCode.ALREADY_SPENT, judge(RULES, psbt));
        // By what is asked for: it was signed already.
        known.put(coin(1), new UtxoState.Spent(same, psbt.unsignedTransaction().txid(), 95));
        assertThat(judge(RULES, psbt)).isInstanceOf(Judgement.Approved.class);
    }

    @Test
    void withoutRoomToFollowItNothingIsApproved() throws Exception {
        room = false;
        refused(RefusalCode.TOO_MANY_PAYMENTS, judge(RULES, payment()));
    }

    @Test
    void coinsThatTheChainHasNotShownHaveLessRoom() throws Exception {
        PsbtRequestPolicy policy =
                new PsbtRequestPolicy(
                        NETWORK, RULES, DailySpending.unlimited(), chain, () -> room, () -> false);
        Psbt psbt = payment();
        refused(RefusalCode.TOO_MANY_PAYMENTS, policy.judge(request(psbt), psbt.serialize()));
        known.put(coin(1), new UtxoState.Unspent(new Utxo(coin(1), out(ours, 100_000), 90, false)));
        assertThat(policy.judge(request(psbt), psbt.serialize()))
                .isInstanceOf(Judgement.Approved.class);
    }

    // --- bare messages

    private static RequestRules raw(RequestRules.RawMessages raw) {
        return new RequestRules(
                RequestRules.Mode.BY_RULES,
                Set.of(),
                Set.of(),
                Sat.of(1),
                Sat.of(1),
                new Allowlist.Any(),
                raw,
                false);
    }

    @Test
    void bareMessagesAreRefusedUnlessTheRulesSayOtherwise() throws Exception {
        Invitation request = request(Bytes.EMPTY, List.of(RequestedMessage.untweaked(hash(1))));
        refused(RefusalCode.RAW_MESSAGE_NOT_ALLOWED, policy(RULES).judge(request, Bytes.EMPTY));
        refused(
                RefusalCode.RAW_MESSAGE_NOT_ALLOWED,
                policy(RequestRules.DEFAULT).judge(request, Bytes.EMPTY));
        assertThat(policy(raw(RequestRules.RawMessages.ASK_PERSON)).judge(request, Bytes.EMPTY))
                .isInstanceOf(Judgement.AskPerson.class);
        Judgement allowed = policy(raw(RequestRules.RawMessages.ALLOW)).judge(request, Bytes.EMPTY);
        assertThat(allowed)
                .isInstanceOfSatisfying(
                        Judgement.Approved.class,
                        approved -> {
                            assertThat(approved.hold()).isEqualTo(Hold.NONE);
                            assertThat(approved.messages())
                                    .containsExactly(RequestedMessage.untweaked(hash(1)).toSign());
                        });
        assertThat(allowed.summary().getFirst()).contains("bare messages");
        assertThat(
                        policy(
                                        raw(RequestRules.RawMessages.ALLOW)
                                                .withMode(RequestRules.Mode.ASK_PERSON))
                                .judge(request, Bytes.EMPTY))
                .isInstanceOf(Judgement.AskPerson.class);
    }

    // --- the limit of 24 hours

    @Test
    void whatArrivesUsesNothingUpAndWhatIsSignedDoes() throws Exception {
        try (DailySpending spending = limit(130_000)) {
            PsbtRequestPolicy policy = policy(RULES, spending);
            for (int i = 1; i <= 5; i++) {
                Psbt psbt = payment(i);
                assertThat(policy.judge(request(psbt), psbt.serialize()))
                        .isInstanceOf(Judgement.Approved.class);
            }
            assertThat(spending.left()).contains(Sat.of(130_000));
            Psbt first = payment(1);
            Invitation request = request(first);
            assertThat(policy.judgeBeforeSigning(request, first.serialize()))
                    .isInstanceOf(Judgement.Approved.class);
            // Another session of it takes nothing more.
            assertThat(policy.judgeBeforeSigning(request, first.serialize()))
                    .isInstanceOf(Judgement.Approved.class);
            assertThat(spending.left()).contains(Sat.of(69_000));
            Psbt second = payment(2);
            assertThat(policy.judgeBeforeSigning(request(second), second.serialize()))
                    .isInstanceOf(Judgement.Approved.class);
            Psbt third = payment(3);
            refused(
                    RefusalCode.AMOUNT_ABOVE_DAY_LIMIT,
                    policy.judge(request(third), third.serialize()));
            refused(
                    RefusalCode.AMOUNT_ABOVE_DAY_LIMIT,
                    policy.judgeBeforeSigning(request(third), third.serialize()));
        }
    }

    @Test
    void whatIsRefusedUsesNothingUp() throws Exception {
        try (DailySpending spending = limit(130_000)) {
            Psbt psbt = payment();
            refused(
                    RefusalCode.FEE_ABOVE_LIMIT,
                    policy(with(Sat.of(100_000), Sat.of(1), new Allowlist.Any()), spending)
                            .judgeBeforeSigning(request(psbt), psbt.serialize()));
            room = false;
            refused(
                    RefusalCode.TOO_MANY_PAYMENTS,
                    policy(RULES, spending).judgeBeforeSigning(request(psbt), psbt.serialize()));
            assertThat(spending.left()).contains(Sat.of(130_000));
        }
    }

    @Test
    void aRequestThatEndsUnsignedIsFreeAgain() throws Exception {
        try (DailySpending spending = limit(130_000)) {
            PsbtRequestPolicy policy = policy(RULES, spending);
            Psbt psbt = payment();
            Invitation request = request(psbt);
            policy.judgeBeforeSigning(request, psbt.serialize());
            policy.on(new CoordinatorEvent.SessionClosed(now, request.id(), false));
            assertThat(spending.left()).contains(Sat.of(130_000));
        }
    }

    @Test
    void whatMayHaveLeftIsFreedByTimeAlone() throws Exception {
        Psbt psbt = payment();
        Invitation request = request(psbt);
        List<CoordinatorEvent> leaving =
                List.of(
                        new CoordinatorEvent.Round1Complete(
                                now, request.id(), new SessionId(hash(1))),
                        new CoordinatorEvent.Finalized(now, request.id(), List.of()),
                        new CoordinatorEvent.BroadcastConfirmed(now, request.id()),
                        // Alone: the others were lost.
                        new CoordinatorEvent.SessionClosed(now, request.id(), true));
        for (CoordinatorEvent event : leaving) {
            now = NOW;
            running = 0;
            java.nio.file.Files.deleteIfExists(folder.resolve("requests"));
            try (DailySpending spending = limit(130_000)) {
                PsbtRequestPolicy policy = policy(RULES, spending);
                policy.judgeBeforeSigning(request, psbt.serialize());
                policy.on(event);
                policy.on(new CoordinatorEvent.SessionClosed(now, request.id(), false));
                assertThat(spending.left()).as("%s", event).contains(Sat.of(69_000));
                now = now.plus(Duration.ofHours(24));
                running += Duration.ofHours(24).toNanos();
                assertThat(spending.left()).contains(Sat.of(130_000));
            }
        }
    }

    @Test
    void requestsThatAreSignedAtATimeAreBoundedAndNoneIsForgotten() throws Exception {
        try (DailySpending spending = limit(10_000_000)) {
            PsbtRequestPolicy policy =
                    new PsbtRequestPolicy(
                            NETWORK, RULES, spending, chain, () -> room, () -> true, 2);
            List<Psbt> psbts = List.of(payment(1), payment(2), payment(3));
            List<Invitation> requests = new ArrayList<>();
            for (Psbt psbt : psbts) {
                requests.add(request(psbt));
            }
            for (int i = 0; i < 2; i++) {
                assertThat(policy.judgeBeforeSigning(requests.get(i), psbts.get(i).serialize()))
                        .isInstanceOf(Judgement.Approved.class);
            }
            refused(
                    RefusalCode.TOO_MANY_SESSIONS,
                    policy.judgeBeforeSigning(requests.get(2), psbts.get(2).serialize()));
            assertThat(policy.judgeBeforeSigning(requests.get(0), psbts.get(0).serialize()))
                    .isInstanceOf(Judgement.Approved.class);
            policy.on(new CoordinatorEvent.SessionClosed(now, requests.get(0).id(), false));
            assertThat(policy.judgeBeforeSigning(requests.get(2), psbts.get(2).serialize()))
                    .isInstanceOf(Judgement.Approved.class);
        }
    }

    @Test
    void whatIsRefusedByTheLimitTakesNoPlace() throws Exception {
        try (DailySpending spending = limit(1)) {
            PsbtRequestPolicy policy =
                    new PsbtRequestPolicy(
                            NETWORK, RULES, spending, chain, () -> room, () -> true, 1);
            for (int i = 1; i <= 2; i++) {
                Psbt psbt = payment(i);
                refused(
                        RefusalCode.AMOUNT_ABOVE_DAY_LIMIT,
                        policy.judgeBeforeSigning(request(psbt), psbt.serialize()));
            }
        }
    }

    @Test
    void anApprovalThatComesAfterTheEndCountsForNothing() throws Exception {
        try (DailySpending spending = limit(100_000)) {
            PsbtRequestPolicy policy = policy(RULES, spending);
            Psbt psbt = payment();
            Invitation request = request(psbt);
            policy.on(new CoordinatorEvent.SessionClosed(now, request.id(), false));
            refused(RefusalCode.SESSION_OVER, policy.judgeBeforeSigning(request, psbt.serialize()));
            assertThat(spending.left()).contains(Sat.of(100_000));
        }
    }

    // --- holds

    @Test
    void whatARequestHoldsIsKnownWhateverTheRules() throws Exception {
        Psbt psbt = payment();
        PsbtRequestPolicy policy = policy(with(Sat.ZERO, Sat.ZERO, new Allowlist.Only(Set.of())));
        assertThat(policy.holdOf(request(psbt), psbt.serialize()))
                .isEqualTo(read(psbt.serialize()).hold());
        assertThat(
                        policy.holdOf(
                                request(Bytes.EMPTY, List.of(RequestedMessage.untweaked(hash(1)))),
                                Bytes.EMPTY))
                .isEqualTo(Hold.NONE);
        assertThat(policy.holdOf(request(psbt), Bytes.EMPTY)).isEqualTo(Hold.NONE);
    }
}
