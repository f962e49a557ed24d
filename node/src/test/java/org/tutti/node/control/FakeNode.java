package org.tutti.node.control;

import org.tutti.coordinator.event.RequestPhase;
import org.tutti.coordinator.event.SignerState;
import org.tutti.coordinator.group.GroupPhase;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.node.api.AddressInfo;
import org.tutti.node.api.AdvertOrder;
import org.tutti.node.api.AdvertWithdrawn;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.ClockAccepted;
import org.tutti.node.api.ConflictAllowed;
import org.tutti.node.api.GroupExport;
import org.tutti.node.api.GroupInfo;
import org.tutti.node.api.GroupOrder;
import org.tutti.node.api.Groups;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;
import org.tutti.node.api.Payments;
import org.tutti.node.api.RecoveryAccepted;
import org.tutti.node.api.ReplaceRequest;
import org.tutti.node.api.RequestEnded;
import org.tutti.node.api.RequestInfo;
import org.tutti.node.api.RequestOrder;
import org.tutti.node.api.Requests;
import org.tutti.node.api.SessionEvents;
import org.tutti.node.api.SessionInfo;
import org.tutti.node.api.SessionWatch;
import org.tutti.node.api.Sessions;
import org.tutti.node.api.SignerInfo;
import org.tutti.node.api.SignerQuery;
import org.tutti.node.api.Signers;
import org.tutti.node.api.VouchInfo;
import org.tutti.wallet.payments.PaymentState;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Answers with what it was made with, and remembers what it was asked to pay.
final class FakeNode implements NodeApi {
    static final SignerInfo SIGNER =
            new SignerInfo(
                    "02" + "aa".repeat(32),
                    Optional.of("alice"),
                    "12D3KooWAlice",
                    List.of("spend", "swap"),
                    Optional.empty(),
                    1_000,
                    0,
                    "payroll",
                    "alice",
                    "co-signs",
                    250,
                    1_000,
                    90,
                    0,
                    false,
                    true,
                    Optional.of("dht"),
                    "2026-11-30T12:00:00Z",
                    "2026-12-01T12:00:00Z");

    static final AddressInfo ADDRESS = new AddressInfo("bcrt1p", "regtest", "aa", "bb");
    static final NodeStatus STATUS =
            new NodeStatus(
                    "regtest",
                    Optional.of("bcrt1p"),
                    "alice",
                    7,
                    Optional.of("00ff"),
                    List.of(
                            new NodeStatus.Member(
                                    0,
                                    Optional.of("Bob"),
                                    "bob",
                                    "02aa",
                                    false,
                                    true,
                                    Optional.of("2026-01-02T03:04:05Z"),
                                    Optional.of(412L),
                                    NodeStatus.Member.State.AGREED,
                                    Optional.empty()),
                            new NodeStatus.Member(
                                    1,
                                    Optional.empty(),
                                    "alice",
                                    "03bb",
                                    true,
                                    false,
                                    Optional.empty(),
                                    Optional.empty(),
                                    NodeStatus.Member.State.OTHER_GROUP,
                                    Optional.of("77"))),
                    Optional.of(
                            new NodeStatus.Recovery(
                                    "a1", List.of("bob", "carol"), List.of("bob"), false)),
                    new NodeStatus.Balance(9, 5, 1),
                    List.of(
                            new NodeStatus.Utxo("cc", 0, 5, 1, true, true, Optional.empty()),
                            new NodeStatus.Utxo(
                                    "dd", 4_000_000_000L, 4, 7, true, false, Optional.of("5e"))),
                    List.of(
                            new NodeStatus.Payment(
                                    "ee",
                                    PaymentState.SEEN,
                                    "2026-01-02T03:04:06Z",
                                    Optional.of("2026-01-02T03:04:05Z"),
                                    Optional.of("alice"),
                                    0,
                                    Optional.empty(),
                                    Optional.empty(),
                                    2,
                                    Optional.of("5e"),
                                    Optional.of("rent"),
                                    3,
                                    List.of(new NodeStatus.Output("carol", 3)),
                                    Optional.of(4L),
                                    Optional.of(2.25),
                                    Optional.of(new NodeStatus.Rung(2, 3))),
                            new NodeStatus.Payment(
                                    "ff",
                                    PaymentState.CONFIRMED,
                                    "2026-01-02T03:04:05Z",
                                    Optional.empty(),
                                    Optional.empty(),
                                    2,
                                    Optional.of("00ee"),
                                    Optional.empty(),
                                    0,
                                    Optional.empty(),
                                    Optional.empty(),
                                    0,
                                    List.of(),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty())),
                    List.of(
                            new NodeStatus.Session(
                                    "5e",
                                    "alice",
                                    2,
                                    NodeStatus.Session.Phase.NONCES,
                                    List.of("bob"))),
                    Optional.empty(),
                    Optional.empty(),
                    new NodeStatus.Policy(8, Optional.of(6L), 2, false, List.of("carol")),
                    new NodeStatus.Secrets(false, true, true, true, true, List.of("swap")),
                    List.of(),
                    new NodeStatus.Chain(
                            "blocks",
                            9,
                            600,
                            1,
                            1,
                            false,
                            1_000_000,
                            Optional.of(3L),
                            List.of(new NodeStatus.Obstacle("BLOCKS_MISSING", "nobody")),
                            List.of(
                                    new NodeStatus.BitcoinPeer(
                                            "127.0.0.1:1",
                                            "connected",
                                            "/btcd/",
                                            9,
                                            true,
                                            0,
                                            Optional.of("CLOSED")))));
    static final NodeStatus EMPTY =
            new NodeStatus(
                    "regtest",
                    Optional.of("bcrt1p"),
                    "alice",
                    -1,
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    new NodeStatus.Balance(0, 0, 0),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    new NodeStatus.Policy(8, Optional.empty(), 2, true, List.of()),
                    new NodeStatus.Secrets(true, true, true, true, true, List.of()),
                    List.of(),
                    new NodeStatus.Chain(
                            "connecting",
                            0,
                            0,
                            0,
                            0,
                            false,
                            0,
                            Optional.empty(),
                            List.of(),
                            List.of()));

    static final RequestInfo REQUEST =
            new RequestInfo(
                    "a1",
                    true,
                    RequestPhase.AWAITING_APPROVAL,
                    "02aa",
                    "2026-01-02T03:04:05Z",
                    "2026-01-03T03:04:05Z",
                    "spend",
                    7,
                    "rent",
                    "",
                    ElectionMethod.HASH,
                    "02aa",
                    3,
                    1,
                    true,
                    Optional.of("bcrt1p"),
                    List.of("pays 7 sat"),
                    List.of(
                            new RequestInfo.Signer(
                                    "02aa",
                                    Optional.of("Bob"),
                                    true,
                                    false,
                                    SignerState.JOINED,
                                    "2026-01-02T03:04:05Z",
                                    Optional.empty())),
                    List.of());
    static final SessionInfo SESSION =
            new SessionInfo(
                    "5e",
                    "a1",
                    true,
                    SessionInfo.Phase.ROUND_1,
                    "2026-01-02T03:04:05Z",
                    Optional.empty(),
                    List.of("02aa"),
                    REQUEST.signers());

    final List<RequestOrder> ordered = new ArrayList<>();
    final List<PayRequest> paid = new ArrayList<>();
    private final NodeStatus status;

    FakeNode() {
        this(STATUS);
    }

    FakeNode(NodeStatus status) {
        this.status = status;
    }

    @Override
    public AddressInfo address(Optional<String> group) {
        return ADDRESS;
    }

    @Override
    public ClockAccepted acceptClock() {
        return new ClockAccepted("2026-01-02T03:04:05Z");
    }

    @Override
    public ConflictAllowed allowConflict(String session) throws ApiException {
        if (!session.equals("5e")) {
            throw new ApiException("NO_SUCH_SESSION", "none");
        }
        return new ConflictAllowed(session);
    }

    @Override
    public RecoveryAccepted acceptRecovery(String peerId, String journal) throws ApiException {
        if (!peerId.equals("bob")) {
            throw new ApiException("NO_SUCH_MEMBER", "none");
        }
        return new RecoveryAccepted(peerId, journal);
    }

    @Override
    public NodeStatus status() {
        return status;
    }

    @Override
    public PaymentResult bump(ReplaceRequest request) throws ApiException {
        return replaced("bump", request);
    }

    @Override
    public PaymentResult cancel(ReplaceRequest request) throws ApiException {
        return replaced("cancel", request);
    }

    private PaymentResult replaced(String how, ReplaceRequest request) throws ApiException {
        if (!request.id().equals("rent")) {
            throw new ApiException("NO_SUCH_PAYMENT", "none");
        }
        return new PaymentResult("aa", how, request.feeRate(), PaymentState.SIGNED, "rent");
    }

    @Override
    public Payments payments() {
        return new Payments(status.payments());
    }

    @Override
    public NodeStatus.Payment payment(String id) throws ApiException {
        return status.payments().stream()
                .filter(payment -> payment.txid().equals(id))
                .findFirst()
                .orElseThrow(() -> new ApiException("NO_SUCH_PAYMENT", "none"));
    }

    @Override
    public PaymentResult pay(PayRequest request) throws ApiException {
        paid.add(request);
        if (request.to().equals("mallory")) {
            throw new ApiException("DESTINATION_NOT_ALLOWED", "signer 1 refuses");
        }
        return new PaymentResult("aa", "dd", Optional.of(462L), PaymentState.SIGNED, "4b");
    }

    @Override
    public RequestInfo createRequest(RequestOrder order) throws ApiException {
        ordered.add(order);
        if (order.keys().isEmpty()) {
            throw new ApiException("INVALID", "no keys");
        }
        return REQUEST;
    }

    @Override
    public Requests requests() {
        return new Requests(List.of(REQUEST));
    }

    @Override
    public RequestInfo request(String id) throws ApiException {
        if (!id.equals(REQUEST.request())) {
            throw new ApiException("NO_SUCH_REQUEST", "none");
        }
        return REQUEST;
    }

    @Override
    public RequestInfo joinRequest(String id) throws ApiException {
        return request(id);
    }

    @Override
    public RequestEnded refuseRequest(String id, String reason) throws ApiException {
        return new RequestEnded(request(id).request() + " refused: " + reason);
    }

    @Override
    public RequestEnded withdrawRequest(String id, String reason) throws ApiException {
        return new RequestEnded(request(id).request() + " withdrawn: " + reason);
    }

    @Override
    public RequestEnded releaseRequest(String id) throws ApiException {
        return new RequestEnded(request(id).request() + " released");
    }

    @Override
    public RequestInfo startRound(String id, int round) throws ApiException {
        if (round != 2) {
            throw new ApiException("NOT_WAITING", "round " + round);
        }
        return request(id);
    }

    @Override
    public SignerInfo advertise(AdvertOrder order) throws ApiException {
        return SIGNER;
    }

    @Override
    public AdvertWithdrawn withdrawAdvert() {
        return new AdvertWithdrawn(SIGNER.key(), true);
    }

    @Override
    public Signers findSigners(SignerQuery query) {
        return new Signers(List.of(SIGNER), "complete", false);
    }

    @Override
    public VouchInfo vouchFor(String key, long seconds) {
        return new VouchInfo(key, key + ":" + seconds + ":00");
    }

    @Override
    public SessionEvents signerEvents(SessionWatch watch) throws ApiException {
        return sessionEvents(watch);
    }

    @Override
    public Sessions sessions() {
        return new Sessions(List.of(SESSION));
    }

    @Override
    public SessionInfo session(String id) throws ApiException {
        if (!id.equals(SESSION.session())) {
            throw new ApiException("NO_SUCH_SESSION", "none");
        }
        return SESSION;
    }

    @Override
    public SessionEvents sessionEvents(SessionWatch watch) {
        return new SessionEvents(watch.after().orElse(6L) + 1, 0, List.of("{}"));
    }

    static final GroupInfo GROUP =
            new GroupInfo(
                    "0d".repeat(32),
                    true,
                    GroupPhase.FORMED,
                    "savings",
                    GroupForm.EXTENDED,
                    1,
                    7,
                    "02".repeat(33),
                    "2026-01-01T00:00:00Z",
                    "2026-01-02T00:00:00Z",
                    List.of(
                            new GroupInfo.Member(
                                    "02".repeat(33),
                                    Optional.of("alice"),
                                    "12D3KooW",
                                    true,
                                    true,
                                    true,
                                    Optional.of("small sums"),
                                    true,
                                    true)),
                    List.of(),
                    Optional.of("0e".repeat(32)),
                    Optional.of("bcrt1p"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    @Override
    public GroupInfo proposeGroup(GroupOrder order) throws ApiException {
        if (order.members().isEmpty()) {
            throw new ApiException("INVALID", "no members");
        }
        return GROUP;
    }

    @Override
    public GroupInfo consentToGroup(String id, String policy) throws ApiException {
        return group(id);
    }

    @Override
    public GroupInfo refuseGroup(String id, String reason) throws ApiException {
        return group(id);
    }

    @Override
    public Groups groups() {
        return new Groups(List.of(GROUP));
    }

    @Override
    public GroupInfo group(String id) throws ApiException {
        if (!id.equals(GROUP.proposal())) {
            throw new ApiException("NO_SUCH_PROPOSAL", "none");
        }
        return GROUP;
    }

    @Override
    public GroupExport exportGroup(String id) throws ApiException {
        return new GroupExport(
                group(id).descriptor().orElseThrow(),
                "tr(musig())",
                "bcrt1p",
                7,
                "regtest",
                "00",
                "0a");
    }

    @Override
    public GroupInfo importGroup(String record) throws ApiException {
        return group(record);
    }
}
