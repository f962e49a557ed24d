package org.tutti.wallet.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.psbt.PsbtField;
import org.tutti.bitcoin.psbt.TaprootSignature;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.broadcast.Reach;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.payments.PaymentOutcome;
import org.tutti.wallet.spend.Confirmation;
import org.tutti.wallet.spend.ConfirmationTracker;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// From the signatures of a request to its block, six deep.
class SignedRequestsTest extends RequestFixture {
    private static final Script TAPROOT = Script.fromHex("5120" + "5e".repeat(32));

    private record Settled(
            RequestId request, boolean confirmed, Optional<PaymentOutcome> outcome) {}

    private final FakeChain chain = new FakeChain(new UtxoStore(group.wallet));
    private final List<RequestEvent> events = new ArrayList<>();
    private final List<PendingTransaction> broadcast = new ArrayList<>();
    private final List<Settled> settled = new ArrayList<>();
    private final Map<Txid, Confirmation> recent = new HashMap<>();
    private boolean broadcasting = true;
    private Instant now = NOW;
    private SignedRequests requests = node(requester());

    private SignedRequests node(PublicKey self) {
        return new SignedRequests(
                NETWORK,
                self,
                pending -> {
                    if (broadcasting) {
                        broadcast.add(pending);
                    }
                    return broadcasting;
                },
                txid -> Optional.ofNullable(recent.get(txid)),
                (request, confirmed, outcome) ->
                        settled.add(
                                new Settled(request, confirmed, PaymentOutcome.decode(outcome))),
                Runnable::run,
                () -> now,
                events::add);
    }

    /// A signer that neither asked nor is elected.
    private PublicKey third() {
        return group.wallet.keys().stream()
                .filter(key -> !key.equals(requester()))
                .filter(key -> !key.equals(elected()))
                .findFirst()
                .orElseThrow();
    }

    private PublicKey elected() {
        return ElectionMethod.LEXICOGRAPHIC.elect(new RequestId(hash(0)), group.wallet.keys());
    }

    private Invitation signed(Psbt psbt) throws Exception {
        Invitation request = request(psbt);
        requests.finalized(request, psbt.serialize(), signatures(psbt));
        return request;
    }

    private void mine(Transaction... transactions) {
        chain.mine(transactions);
        Block block = chain.last();
        requests.blockConnected(chain.height(), block.header(), block);
        requests.tip(chain.height(), block.hash());
    }

    private void mine(int count) {
        for (int i = 0; i < count; i++) {
            mine();
        }
    }

    private void disconnect() {
        int height = chain.height();
        Block gone = chain.last();
        chain.disconnect();
        requests.blockDisconnected(height, gone.header());
    }

    private FollowedRequest find(Invitation request) {
        return requests.find(request.id()).orElseThrow();
    }

    private <E extends RequestEvent> List<E> told(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private static Transaction thief(int coin) {
        return transaction(List.of(coin(coin)), out(TAPROOT, 99_000));
    }

    // --- completing

    @Test
    void whatAllSignedIsCheckedAndSentByItsRequester() throws Exception {
        Psbt psbt = payment();
        Invitation request = signed(psbt);
        assertThat(broadcast).hasSize(1);
        Transaction sent = broadcast.getFirst().transaction();
        assertThat(sent.txid()).isEqualTo(psbt.unsignedTransaction().txid());
        assertThat(ScriptInterpreter.verifyAll(sent, psbt.prevouts())).isEmpty();
        assertThat(broadcast.getFirst().fee()).contains(Sat.of(1_000));
        assertThat(events).containsExactly(new RequestEvent.Checked(request.id(), sent));
        assertThat(find(request).state()).isEqualTo(FollowedRequest.State.CHECKED);
        // Told once more after a restart of the coordinator alone.
        requests.finalized(request, psbt.serialize(), signatures(psbt));
        assertThat(broadcast).hasSize(1);
        assertThat(events).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"DEFAULT", "ALL"})
    void eitherSighashTypeMakesAValidTransaction(SighashType type) throws Exception {
        Psbt psbt = payment().withInput(0, in -> in.withSighashType(type));
        signed(psbt);
        Transaction sent = broadcast.getFirst().transaction();
        assertThat(sent.inputs().getFirst().witness().getFirst().length())
                .isEqualTo(type == SighashType.ALL ? 65 : 64);
        assertThat(ScriptInterpreter.verifyAll(sent, psbt.prevouts())).isEmpty();
    }

    @Test
    void aWitnessThatThePsbtHasForTheKeysInputIsNotUsed() throws Exception {
        Psbt psbt = payment();
        // One item of one byte.
        Psbt tampered =
                psbt.withInput(
                        0,
                        psbt.inputs()
                                .getFirst()
                                .withField(new PsbtField(8, Bytes.EMPTY, Bytes.fromHex("010151"))));
        signed(tampered);
        assertThat(told(RequestEvent.Checked.class)).hasSize(1);
        assertThat(ScriptInterpreter.verifyAll(broadcast.getFirst().transaction(), psbt.prevouts()))
                .isEmpty();
    }

    @Test
    void signaturesThatTheInterpreterRefusesAreNotSent() throws Exception {
        Psbt psbt = payment();
        Invitation request = request(psbt);
        requests.finalized(request, psbt.serialize(), List.of(group.sign(hash(1))));
        assertThat(broadcast).isEmpty();
        assertThat(told(RequestEvent.CheckFailed.class).getFirst().reason()).startsWith("input 0");
        assertThat(find(request).state()).isEqualTo(FollowedRequest.State.FAILED);
        now = now.plusSeconds(1_000);
        requests.rebroadcast();
        assertThat(broadcast).isEmpty();
    }

    @Test
    void tooFewSignaturesAreRefused() throws Exception {
        Psbt psbt = payment();
        Invitation request = request(psbt);
        requests.finalized(request, psbt.serialize(), List.of());
        assertThat(told(RequestEvent.CheckFailed.class).getFirst().reason())
                .isEqualTo("1 inputs, 0 signatures");
    }

    @Test
    void inputsOfOthersAreTakenFromThePsbtOrWaitedFor() throws Exception {
        // Of others here: the keys by a derivation that the request does not name.
        KeyDerivation child =
                new KeyDerivation(new RequestedMessage.KeyPath(List.of()), List.of(4));
        Script other =
                child.scriptPubKey(org.tutti.musig.musig.KeyAggContext.of(group.wallet.keys()));
        Psbt psbt =
                Psbt.of(
                        transaction(List.of(coin(1), coin(2)), out(FRIEND, 99_000)),
                        List.of(out(other, 50_000), out(ours, 50_000)));
        Invitation request = signed(psbt);
        assertThat(told(RequestEvent.Incomplete.class))
                .containsExactly(
                        new RequestEvent.Incomplete(
                                request.id(), find(request).txid(), List.of(0)));
        assertThat(find(request).state()).isEqualTo(FollowedRequest.State.INCOMPLETE);
        assertThat(broadcast).isEmpty();

        SchnorrSignature theirs =
                group.sign(
                        org.tutti.musig.musig.KeyAggContext.of(group.wallet.keys())
                                .withPlainTweaks(
                                        org.tutti.musig.keys.Bip328.derive(
                                                        org.tutti.musig.musig.KeyAggContext.of(
                                                                        group.wallet.keys())
                                                                .aggregateKey(),
                                                        org.tutti.musig.keys.DerivationPath.of(4))
                                                .tweaks())
                                .withTapTweak(Optional.empty()),
                        psbt.sighash(0));
        Psbt complete = psbt.withTapKeySig(0, new TaprootSignature(theirs, SighashType.DEFAULT));
        signed(complete);
        assertThat(broadcast).hasSize(1);
        assertThat(ScriptInterpreter.verifyAll(broadcast.getFirst().transaction(), psbt.prevouts()))
                .isEmpty();
        Psbt wrong =
                psbt.withTapKeySig(
                        0, new TaprootSignature(group.sign(hash(2)), SighashType.DEFAULT));
        signed(wrong);
        assertThat(told(RequestEvent.CheckFailed.class).getFirst().reason()).startsWith("input 0");
    }

    @Test
    void whatIsNoTransactionIsNotFollowed() throws Exception {
        Invitation raw = request(Bytes.EMPTY, List.of(RequestedMessage.untweaked(hash(1))));
        requests.follow(raw, Bytes.EMPTY);
        requests.finalized(raw, Bytes.EMPTY, List.of(group.sign(hash(1))));
        requests.follow(request(payment()), Bytes.EMPTY);
        assertThat(requests.requests()).isEmpty();
    }

    // --- sending

    @Test
    void othersSendWhenItIsInNoBlockAfterAWhileAndAgain() throws Exception {
        requests = node(third());
        signed(payment());
        assertThat(broadcast).isEmpty();
        now = now.plus(RequestLedger.REBROADCAST_AFTER).minusMillis(1);
        requests.rebroadcast();
        assertThat(broadcast).isEmpty();
        now = now.plusMillis(1);
        requests.rebroadcast();
        requests.rebroadcast();
        assertThat(broadcast).hasSize(1);
        now = now.plus(RequestLedger.REBROADCAST_AGAIN);
        requests.rebroadcast();
        assertThat(broadcast).hasSize(2);
    }

    @Test
    void theElectedSignerSendsAtOnce() throws Exception {
        requests = node(elected());
        signed(payment());
        assertThat(broadcast).hasSize(1);
    }

    @Test
    void whoIsToldToSendDoesSoAtOnce() throws Exception {
        requests = node(third());
        Invitation request = signed(payment());
        requests.shouldBroadcast(request.id());
        assertThat(broadcast).hasSize(1);
        requests.shouldBroadcast(request.id());
        assertThat(broadcast).hasSize(1);
    }

    @Test
    void aClockThatWentBackDoesNotKeepItFromBeingSent() throws Exception {
        signed(payment());
        now = now.minusSeconds(86_400);
        requests.rebroadcast();
        assertThat(broadcast).hasSize(2);
    }

    @Test
    void whatTheLightClientDoesNotTakeIsToldAndTriedAgain() throws Exception {
        broadcasting = false;
        Invitation request = signed(payment());
        assertThat(told(RequestEvent.BroadcastRefused.class))
                .containsExactly(
                        new RequestEvent.BroadcastRefused(
                                request.id(),
                                find(request).txid(),
                                "the light client has too much to do"));
        broadcasting = true;
        now = now.plus(RequestLedger.REBROADCAST_AGAIN);
        requests.rebroadcast();
        assertThat(broadcast).hasSize(1);
    }

    @Test
    void whatPeersDoWithItIsToldForItAlone() throws Exception {
        Invitation request = signed(payment());
        Txid txid = find(request).txid();
        Txid other = Txid.hashOf(new byte[] {1});
        Reach reach = new Reach(1, 1, 0, 2);
        for (Txid of : List.of(txid, other)) {
            requests.broadcast(new BroadcastEvent.Requested(of, "p:1", reach));
            requests.broadcast(new BroadcastEvent.Seen(of, "p:2", reach));
            requests.broadcast(new BroadcastEvent.Refused(of, "p:3", 64, "no"));
            requests.broadcast(new BroadcastEvent.BelowFeeFilter(of, "p:4", 9));
        }
        assertThat(events.subList(1, events.size()))
                .containsExactly(
                        new RequestEvent.Broadcast(request.id(), txid, "p:1"),
                        new RequestEvent.Seen(request.id(), txid, "p:2", 2),
                        new RequestEvent.BroadcastRefused(request.id(), txid, "p:3: no"),
                        new RequestEvent.BroadcastRefused(
                                request.id(), txid, "p:4: wants at least 9 sat/kvB"));
        assertThat(find(request).state()).isEqualTo(FollowedRequest.State.SENT);
        assertThat(find(request).seenBy()).isEqualTo(2);
        assertThat(requests.follows(txid)).isTrue();
        assertThat(requests.follows(other)).isFalse();
    }

    // --- the chain

    @Test
    void sixBlocksDeepItIsSettledAndEachDepthIsToldOnce() throws Exception {
        Invitation request = signed(payment());
        Transaction sent = broadcast.getFirst().transaction();
        mine(sent);
        mine(4);
        assertThat(settled).isEmpty();
        requests.tip(chain.height(), chain.last().hash());
        assertThat(find(request).confirmation()).isPresent();
        assertThat(find(request).conflict()).isEmpty();
        assertThat(told(RequestEvent.Conflicted.class)).isEmpty();
        now = now.plusSeconds(1_000);
        requests.rebroadcast();
        assertThat(broadcast).hasSize(1);
        mine();
        assertThat(told(RequestEvent.Confirmed.class))
                .extracting(RequestEvent.Confirmed::depth)
                .containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(settled)
                .containsExactly(
                        new Settled(
                                request.id(),
                                true,
                                Optional.of(new PaymentOutcome(true, sent.txid()))));
        assertThat(events.getLast())
                .isEqualTo(new RequestEvent.Settled(request.id(), sent.txid(), true, sent.txid()));
        assertThat(requests.requests()).isEmpty();
        mine(3);
        assertThat(settled).hasSize(1);
    }

    @Test
    void aReorganisationTakesItBackAndItIsSentAgain() throws Exception {
        Invitation request = signed(payment());
        Transaction sent = broadcast.getFirst().transaction();
        mine(sent);
        mine(2);
        disconnect();
        disconnect();
        disconnect();
        assertThat(told(RequestEvent.Unconfirmed.class))
                .containsExactly(new RequestEvent.Unconfirmed(request.id(), sent.txid()));
        assertThat(find(request).confirmation()).isEmpty();
        requests.tip(chain.height(), org.tutti.bitcoin.hash.BlockHash.ZERO);
        assertThat(told(RequestEvent.Unconfirmed.class)).hasSize(1);
        now = now.plus(RequestLedger.REBROADCAST_AGAIN);
        requests.rebroadcast();
        assertThat(broadcast).hasSize(2);
        mine();
        mine(sent);
        assertThat(told(RequestEvent.Confirmed.class))
                .extracting(RequestEvent.Confirmed::depth)
                .containsExactly(1, 2, 3, 1);
        mine(5);
        assertThat(settled).hasSize(1);
    }

    @Test
    void whatSpendsAnInputOtherwiseSettlesItWhenItIsDeep() throws Exception {
        Invitation request = signed(payment());
        mine(thief(1));
        assertThat(told(RequestEvent.Conflicted.class))
                .containsExactly(
                        new RequestEvent.Conflicted(
                                request.id(), find(request).txid(), thief(1).txid(), 1));
        now = now.plusSeconds(1_000);
        requests.rebroadcast();
        assertThat(broadcast).hasSize(1);
        mine(4);
        assertThat(settled).isEmpty();
        mine();
        assertThat(settled)
                .containsExactly(
                        new Settled(
                                request.id(),
                                false,
                                Optional.of(new PaymentOutcome(false, thief(1).txid()))));
        assertThat(requests.requests()).isEmpty();
    }

    @Test
    void aConflictThatLeavesTheChainCountsNoLonger() throws Exception {
        Invitation request = signed(payment());
        mine(thief(1));
        mine(2);
        disconnect();
        disconnect();
        disconnect();
        assertThat(find(request).conflict()).isEmpty();
        mine(broadcast.getFirst().transaction());
        mine(5);
        assertThat(settled).extracting(Settled::confirmed).containsExactly(true);
    }

    @Test
    void anInputOfOthersThatIsSpentOtherwiseMakesItImpossibleToo() throws Exception {
        Psbt psbt =
                Psbt.of(
                        transaction(List.of(coin(1), coin(2)), out(FRIEND, 99_000)),
                        List.of(out(ours, 50_000), out(TAPROOT, 50_000)));
        signed(psbt);
        mine(thief(2));
        mine(5);
        assertThat(settled).extracting(Settled::confirmed).containsExactly(false);
    }

    @Test
    void whatIsFollowedBeforeItIsSignedIsSettledToo() throws Exception {
        Psbt one = payment(1);
        Psbt two = payment(2);
        Invitation mined = request(one);
        Invitation stolen = request(two);
        requests.follow(mined, one.serialize());
        requests.follow(mined, one.serialize());
        requests.follow(stolen, two.serialize());
        assertThat(requests.requests()).hasSize(2);
        mine(one.unsignedTransaction(), thief(2));
        mine(5);
        assertThat(settled)
                .extracting(Settled::request, Settled::confirmed)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(mined.id(), true),
                        org.assertj.core.groups.Tuple.tuple(stolen.id(), false));
    }

    @Test
    void twoRequestsOfOneTransactionAreSettledBoth() throws Exception {
        Psbt psbt = payment();
        signed(psbt);
        signed(psbt);
        assertThat(told(RequestEvent.Checked.class)).hasSize(2);
        mine(broadcast.getFirst().transaction());
        mine(5);
        assertThat(settled).extracting(Settled::confirmed).containsExactly(true, true);
    }

    @Test
    void aRequestForACoinThatAnotherSpentIsKnownToBeInConflict() throws Exception {
        Psbt first = payment();
        signed(first);
        mine(broadcast.getFirst().transaction());
        Psbt second =
                Psbt.of(
                        transaction(List.of(coin(1)), out(TAPROOT, 90_000)),
                        List.of(out(ours, 100_000)));
        Invitation late = request(second);
        requests.follow(late, second.serialize());
        assertThat(find(late).conflict()).contains(first.unsignedTransaction().txid());
    }

    @Test
    void whatWasMinedBeforeItWasFollowedTheLightClientKnows() throws Exception {
        Psbt psbt = payment();
        Txid txid = psbt.unsignedTransaction().txid();
        ConfirmationTracker light = new ConfirmationTracker();
        light.track(txid);
        chain.mine(psbt.unsignedTransaction());
        light.connect(chain.height(), chain.last());
        recent.put(txid, light.confirmation(txid).orElseThrow());
        Invitation request = signed(psbt);
        mine();
        assertThat(find(request).confirmation()).isPresent();
        // And forgets when its block is taken back.
        recent.clear();
        mine();
        assertThat(find(request).confirmation()).isEmpty();
        assertThat(told(RequestEvent.Unconfirmed.class)).hasSize(1);
        recent.put(txid, light.confirmation(txid).orElseThrow());
        mine(3);
        assertThat(settled).extracting(Settled::confirmed).containsExactly(true);
    }

    @Test
    void whatTheCoordinatorNoLongerKnowsIsForgotten() throws Exception {
        Invitation request = signed(payment());
        requests.closed(request.id());
        assertThat(requests.requests()).isEmpty();
        now = now.plusSeconds(1_000);
        requests.rebroadcast();
        mine(broadcast.getFirst().transaction());
        mine(6);
        assertThat(broadcast).hasSize(1);
        assertThat(settled).isEmpty();
    }

    // --- bounds

    @Test
    void fromABoundOnThereIsNoRoomAndWhatIsApprovedIsFollowedAllTheSame() {
        RequestLedger ledger = new RequestLedger(2, 6);
        for (int i = 1; i <= 3; i++) {
            assertThat(ledger.hasRoom()).isEqualTo(i <= 2);
            ledger.follow(
                    new RequestId(hash(i)),
                    Txid.hashOf(new byte[] {(byte) i}),
                    List.of(coin(i)),
                    true);
        }
        assertThat(ledger.all()).hasSize(3);
        ledger.forget(new RequestId(hash(1)));
        ledger.forget(new RequestId(hash(2)));
        assertThat(ledger.hasRoom()).isTrue();
    }

    @Test
    void signedTransactionsHaveABudgetOfBytes() {
        RequestLedger ledger = new RequestLedger(10_000, 6);
        Transaction large =
                transaction(
                        List.of(coin(1)),
                        out(
                                Script.of(
                                        Bytes.concat(
                                                Bytes.fromHex("6a"), Bytes.wrap(new byte[90_000]))),
                                0));
        int count = (int) (RequestLedger.MAX_BYTES / large.serializedLength());
        for (int i = 0; i <= count; i++) {
            assertThat(ledger.hasRoom()).isTrue();
            RequestId id =
                    new RequestId(
                            Bytes.wrap(
                                    org.tutti.bitcoin.codec.Sha256.single(
                                            new byte[] {(byte) i, (byte) (i >> 8)})));
            ledger.follow(id, large.txid(), List.of(coin(1)), true);
            assertThat(ledger.signed(id)).isTrue();
            ledger.checked(id, large, NOW);
        }
        assertThat(ledger.hasRoom()).isFalse();
        ledger.forget(ledger.all().getFirst().request());
        assertThat(ledger.hasRoom()).isTrue();
    }
}
