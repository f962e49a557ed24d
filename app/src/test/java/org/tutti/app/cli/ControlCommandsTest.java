package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.app.exit.ExitCodes;
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
import org.tutti.node.api.NodeStatus.Member.State;
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
import org.tutti.node.control.ControlServer;
import org.tutti.wallet.payments.PaymentState;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `./tutti address`, `pay` and `status` against a node that answers with fixed values: what they
/// print for people, and for programs to the byte.
@Timeout(60)
class ControlCommandsTest {
    private static final SignerInfo SIGNER =
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

    private static final AddressInfo ADDRESS = new AddressInfo("bcrt1p", "regtest", "aa", "bb");

    private static final RequestInfo REQUEST =
            new RequestInfo(
                    "a1".repeat(32),
                    true,
                    RequestPhase.AWAITING_APPROVAL,
                    "02aa",
                    "2026-01-02T03:04:05Z",
                    "2026-01-03T03:04:05Z",
                    "spend",
                    7,
                    "rent",
                    "flat",
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
                                    Optional.empty()),
                            new RequestInfo.Signer(
                                    "03bb",
                                    Optional.empty(),
                                    false,
                                    false,
                                    SignerState.UNREACHABLE,
                                    "2026-01-02T03:04:06Z",
                                    Optional.of("2026-01-02T03:04:05Z"))),
                    List.of());

    private static final SessionInfo SESSION =
            new SessionInfo(
                    "5e".repeat(32),
                    REQUEST.request(),
                    true,
                    SessionInfo.Phase.ROUND_1,
                    "2026-01-02T03:04:05Z",
                    Optional.empty(),
                    List.of("03bb"),
                    REQUEST.signers());

    private static final NodeStatus STATUS =
            new NodeStatus(
                    "regtest",
                    Optional.of("bcrt1p"),
                    "alice",
                    7,
                    Optional.of("00ff"),
                    List.of(
                            member("bob", true, State.AGREED, ""),
                            member("carol", false, State.WAITING, ""),
                            member("alice", false, State.COPIED, ""),
                            member("dave", true, State.OTHER_GROUP, "77"),
                            member("erin", true, State.OTHER_ADDRESS, "bc1p"),
                            member("frank", true, State.RECOVERING, "b2"),
                            member("grace", true, State.ACCEPTED, "c3")),
                    Optional.of(
                            new NodeStatus.Recovery(
                                    "a1", List.of("bob", "carol"), List.of("bob"), true)),
                    new NodeStatus.Balance(9, 5, 1),
                    List.of(
                            new NodeStatus.Utxo("cc", 0, 5, 1, true, false, Optional.of("5e")),
                            new NodeStatus.Utxo("dd", 1, 4, 7, true, false, Optional.empty())),
                    List.of(
                            new NodeStatus.Payment(
                                    "ff",
                                    PaymentState.CONFIRMED,
                                    "2026-01-02T03:04:06Z",
                                    Optional.of("2026-01-02T03:04:05Z"),
                                    Optional.of("alice"),
                                    2,
                                    Optional.of("00ee"),
                                    Optional.empty(),
                                    1,
                                    Optional.of("5e"),
                                    Optional.of("rent"),
                                    3,
                                    List.of(new NodeStatus.Output("carol", 3)),
                                    Optional.of(4L),
                                    Optional.of(2.25),
                                    Optional.of(new NodeStatus.Rung(2, 3)))),
                    List.of(
                            new NodeStatus.Session(
                                    "5e",
                                    "alice",
                                    2,
                                    NodeStatus.Session.Phase.READINESS,
                                    List.of("bob", "carol"))),
                    Optional.empty(),
                    Optional.empty(),
                    new NodeStatus.Policy(8, Optional.of(6L), 2, false, List.of("carol")),
                    new NodeStatus.Secrets(
                            false, true, false, true, true, List.of("not locked", "dumpable")),
                    List.of(new NodeStatus.Refused("GATED", 3)),
                    new NodeStatus.Chain(
                            "blocks",
                            9,
                            4_000,
                            1,
                            1,
                            false,
                            1_500_000,
                            Optional.of(3L),
                            List.of(new NodeStatus.Obstacle("BLOCKS_MISSING", "nobody delivers")),
                            List.of(
                                    new NodeStatus.BitcoinPeer(
                                            "127.0.0.1:1",
                                            "banned",
                                            "",
                                            -1,
                                            false,
                                            4,
                                            Optional.of("INVALID_HEADER: bad")))));

    private static NodeStatus.Member member(
            String name, boolean connected, State state, String theirs) {
        return new NodeStatus.Member(
                0,
                name.equals("bob") ? Optional.of("Bob's") : Optional.empty(),
                name,
                "02aa",
                name.equals("alice"),
                connected,
                name.equals("alice") ? Optional.empty() : Optional.of("2026-01-02T03:04:05Z"),
                name.equals("bob") ? Optional.of(1_412L) : Optional.empty(),
                state,
                Optional.of(theirs).filter(text -> !text.isEmpty()));
    }

    @TempDir Path folder;

    private static final String READY =
            "{\"event\":\"session-ready\",\"t\":1767323045678.901,\"request\":\"%s\"}"
                    .formatted("a1".repeat(32));
    private static final String SIGNED =
            "{\"event\":\"finalized\",\"t\":1767323045679.001,\"request\":\"%s\",\"signatures\":[\"cc\"]}"
                    .formatted("a1".repeat(32));

    private final List<RequestOrder> ordered = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private final List<SessionWatch> watched = new ArrayList<>();
    private final List<PayRequest> paid = new ArrayList<>();
    private NodeStatus status = STATUS;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private final NodeApi node =
            new NodeApi() {
                @Override
                public ClockAccepted acceptClock() {
                    return new ClockAccepted("2026-01-02T03:04:05Z");
                }

                @Override
                public ConflictAllowed allowConflict(String session) {
                    return new ConflictAllowed(session);
                }

                @Override
                public RecoveryAccepted acceptRecovery(String peerId, String journal) {
                    return new RecoveryAccepted(peerId, journal);
                }

                @Override
                public AddressInfo address(Optional<String> group) {
                    group.ifPresent(reasons::add);
                    return ADDRESS;
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

                private PaymentResult replaced(String how, ReplaceRequest request)
                        throws ApiException {
                    if (!request.id().equals("rent")) {
                        throw new ApiException("NO_SUCH_PAYMENT", "none");
                    }
                    return new PaymentResult(
                            "aa", how, request.feeRate(), PaymentState.SIGNED, "rent");
                }

                @Override
                public Payments payments() {
                    return new Payments(STATUS.payments());
                }

                @Override
                public NodeStatus.Payment payment(String id) throws ApiException {
                    if (!id.equals("rent")) {
                        throw new ApiException("NO_SUCH_PAYMENT", "no payment " + id);
                    }
                    return STATUS.payments().getFirst();
                }

                @Override
                public PaymentResult pay(PayRequest request) throws ApiException {
                    paid.add(request);
                    if (request.to().equals("mallory")) {
                        throw new ApiException("DESTINATION_NOT_ALLOWED", "signer 1 refuses");
                    }
                    return new PaymentResult(
                            "aa", "dd", Optional.of(462L), PaymentState.SIGNED, "4b");
                }

                @Override
                public RequestInfo createRequest(RequestOrder order) throws ApiException {
                    ordered.add(order);
                    if (order.keys().size() == 1) {
                        throw new ApiException("INVALID", "one key is no group");
                    }
                    return REQUEST;
                }

                @Override
                public Requests requests() {
                    return new Requests(List.of(REQUEST));
                }

                @Override
                public RequestInfo request(String id) throws ApiException {
                    if (!REQUEST.request().startsWith(id)) {
                        throw new ApiException("NO_SUCH_REQUEST", "no request " + id);
                    }
                    return REQUEST;
                }

                @Override
                public RequestInfo joinRequest(String id) throws ApiException {
                    return request(id);
                }

                @Override
                public RequestEnded refuseRequest(String id, String reason) throws ApiException {
                    reasons.add(reason);
                    return new RequestEnded(request(id).request());
                }

                @Override
                public RequestEnded withdrawRequest(String id, String reason) throws ApiException {
                    reasons.add(reason);
                    return new RequestEnded(request(id).request());
                }

                @Override
                public RequestEnded releaseRequest(String id) throws ApiException {
                    reasons.add("released");
                    return new RequestEnded(request(id).request());
                }

                @Override
                public RequestInfo startRound(String id, int round) throws ApiException {
                    reasons.add("round " + round);
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
                    if (!SESSION.session().startsWith(id)) {
                        throw new ApiException("NO_SUCH_SESSION", "no session " + id);
                    }
                    return SESSION;
                }

                @Override
                public SessionEvents sessionEvents(SessionWatch watch) throws ApiException {
                    watched.add(watch);
                    if (watched.size() == 2) {
                        throw new ApiException("STOPPING", "this node stops");
                    }
                    return new SessionEvents(7, 2, List.of(READY, SIGNED));
                }

                @Override
                public GroupInfo proposeGroup(GroupOrder order) {
                    proposed.add(order);
                    return GROUP;
                }

                @Override
                public GroupInfo consentToGroup(String id, String policy) throws ApiException {
                    reasons.add(policy);
                    return group(id);
                }

                @Override
                public GroupInfo refuseGroup(String id, String reason) throws ApiException {
                    reasons.add(reason);
                    return group(id);
                }

                @Override
                public Groups groups() {
                    return new Groups(List.of(GROUP));
                }

                @Override
                public GroupInfo group(String id) throws ApiException {
                    if (!GROUP.proposal().startsWith(id)) {
                        throw new ApiException("NO_SUCH_PROPOSAL", "no group " + id);
                    }
                    return GROUP;
                }

                @Override
                public GroupExport exportGroup(String id) throws ApiException {
                    return new GroupExport(
                            group(id).descriptor().orElseThrow(),
                            "tr(musig(a,b))#qqqqqqqq",
                            "bcrt1p",
                            3,
                            "regtest",
                            "00",
                            "0a0b");
                }

                @Override
                public GroupInfo importGroup(String record) throws ApiException {
                    if (!record.equals("0a0b")) {
                        throw new ApiException(
                                "BAD_RECORD", "not the record of a group: " + record);
                    }
                    return GROUP;
                }
            };

    private final List<GroupOrder> proposed = new ArrayList<>();

    private static final GroupInfo GROUP =
            new GroupInfo(
                    "0d".repeat(32),
                    false,
                    GroupPhase.FORMED,
                    "savings",
                    GroupForm.EXTENDED,
                    2,
                    3,
                    "02aa",
                    "2026-01-02T03:04:05Z",
                    "2026-01-03T03:04:05Z",
                    List.of(
                            new GroupInfo.Member(
                                    "02aa",
                                    Optional.of("Bob"),
                                    "bob",
                                    false,
                                    false,
                                    true,
                                    Optional.of("up to 5 sat"),
                                    true,
                                    true),
                            new GroupInfo.Member(
                                    "03bb",
                                    Optional.empty(),
                                    "alice",
                                    true,
                                    true,
                                    true,
                                    Optional.of(""),
                                    true,
                                    true)),
                    List.of(
                            new GroupInfo.Member(
                                    "02cc",
                                    Optional.empty(),
                                    "carol",
                                    false,
                                    true,
                                    true,
                                    Optional.empty(),
                                    true,
                                    true)),
                    Optional.of("0e".repeat(32)),
                    Optional.of("bcrt1p"),
                    Optional.of("0f".repeat(32)),
                    Optional.of("0a".repeat(32)),
                    Optional.empty());

    @Test
    void aGroupIsProposedAndPrintedWithItsRisk() throws Exception {
        assertThat(
                        run(
                                "group propose",
                                "--name",
                                "savings",
                                "--members",
                                "Bob,03bb@12D3KooW",
                                "--fixed",
                                "--birthday",
                                "3",
                                "--policy",
                                "small sums",
                                "--expires-in",
                                "60",
                                "--after",
                                "0f0f0f0f",
                                "--leave"))
                .isEqualTo(ExitCodes.OK);
        assertThat(proposed)
                .containsExactly(
                        new GroupOrder(
                                "savings",
                                List.of("Bob", "03bb@12D3KooW"),
                                Optional.of(true),
                                Optional.of(3L),
                                Optional.of("small sums"),
                                Optional.of(60L),
                                Optional.of("0f0f0f0f"),
                                Optional.of(true)));
        assertThat(out.toString().lines())
                .containsExactly(
                        "group     %s  formed, savings, epoch 2 after 0f0f0f0f, 3 of 3 consented, bcrt1p, followed by 0a0a0a0a"
                                .formatted(GROUP.proposal()),
                        "          proposed by 02aa, made 2026-01-02T03:04:05Z, expires 2026-01-03T03:04:05Z",
                        "          coins are looked for from block %d on"
                                .formatted(GROUP.birthday()),
                        "descriptor " + "0e".repeat(32),
                        "address   bcrt1p",
                        "previous  " + "0f".repeat(32),
                        "successor " + "0a".repeat(32),
                        "member    Bob 02aa holds all signatures, not connected, signs by: up to 5 sat",
                        "member    03bb holds all signatures (this node)",
                        "leaving   02cc holds all signatures",
                        "          any member can freeze the group's money, by not signing");
    }

    @Test
    void groupsAreListedShownConsentedToRefusedAndExported() throws Exception {
        assertThat(run("group list")).isZero();
        assertThat(run("group show", "0d0d0d0d")).isZero();
        assertThat(run("group consent", "0d0d0d0d", "--policy", "small sums", "--json")).isZero();
        assertThat(out.toString().lines().toList().getLast())
                .startsWith("{\"ok\":true,\"proposal\":\"0d0d")
                .contains("\"phase\":\"formed\"")
                .contains("\"epoch\":2")
                .contains("\"previous\":\"0f0f")
                .contains("\"successor\":\"0a0a");
        assertThat(run("group refuse", "0d0d0d0d", "--reason", "no")).isZero();
        assertThat(reasons).containsExactly("small sums", "no");
        assertThat(run("group export", "0d0d0d0d")).isZero();
        assertThat(out.toString().lines().toList().getLast()).isEqualTo("tr(musig(a,b))#qqqqqqqq");
        assertThat(run("group export", "0d0d0d0d", "--json")).isZero();
        assertThat(out.toString().lines().toList().getLast())
                .isEqualTo(
                        "{\"ok\":true,\"id\":\"%s\",\"descriptor\":\"tr(musig(a,b))#qqqqqqqq\",\"address\":\"bcrt1p\",\"birthday\":3,\"network\":\"regtest\",\"encoding\":\"00\",\"record\":\"0a0b\"}"
                                .formatted("0e".repeat(32)));
        assertThat(run("group export", "0d0d0d0d", "--record")).isZero();
        assertThat(out.toString().lines().toList().getLast()).isEqualTo("0a0b");
        Path record = Files.writeString(folder.resolve("savings.group"), "0a0b\n");
        assertThat(run("group import", record.toString(), "--json")).isZero();
        assertThat(out.toString().lines().toList().getLast()).contains("\"phase\":\"formed\"");
        Files.writeString(record, "00");
        assertThat(run("group import", record.toString())).isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString()).contains("BAD_RECORD");
        Files.write(record, new byte[2 << 20]);
        assertThat(run("group import", record.toString())).isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString()).contains("more than");
        assertThat(run("group import", folder.resolve("none").toString()))
                .isEqualTo(ExitCodes.ENVIRONMENT);
        assertThat(run("group show", "bb")).isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString()).contains("NO_SUCH_PROPOSAL");
    }

    @Test
    void aRequestIsMadeAndPrinted() throws Exception {
        assertThat(
                        run(
                                "request create",
                                "--keys",
                                "alice,02aa",
                                "--psbt",
                                "cHNidP8=",
                                "--type",
                                "swap",
                                "--amount-sat",
                                "7",
                                "--description",
                                "rent",
                                "--purpose",
                                "flat",
                                "--election",
                                "first",
                                "--expires-in",
                                "60",
                                "--birthday",
                                "3"))
                .isEqualTo(ExitCodes.OK);
        assertThat(ordered)
                .containsExactly(
                        new RequestOrder(
                                List.of("alice", "02aa"),
                                Optional.of("cHNidP8="),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(7L),
                                Optional.of("swap"),
                                Optional.of("rent"),
                                Optional.of("flat"),
                                Optional.of("first"),
                                Optional.of(60L),
                                Optional.of(3L)));
        assertThat(out.toString().lines())
                .containsExactly(
                        "request   %s  awaiting-approval, spend of 7 sat, 1 of 2 joined, expires 2026-01-03T03:04:05Z"
                                .formatted(REQUEST.request()),
                        "          asked by 02aa (this node), a transaction, made 2026-01-02T03:04:05Z",
                        "          it says: rent",
                        "address   bcrt1p",
                        "          pays 7 sat",
                        "signer    Bob 02aa joined since 2026-01-02T03:04:05Z (this node)",
                        "signer    03bb unreachable since 2026-01-02T03:04:06Z, last heard 2026-01-02T03:04:05Z");
    }

    @Test
    void aPsbtIsReadFromAFileInEitherForm() throws Exception {
        Path file = folder.resolve("tx.psbt");
        Files.write(file, new byte[] {'p', 's', 'b', 't', (byte) 0xff, 1});
        assertThat(run("request create", "--keys", "a,b", "--psbt-file", file.toString())).isZero();
        Files.writeString(file, "cHNi\ndP8B\n");
        assertThat(run("request create", "--keys", "a,b", "--psbt-file", file.toString())).isZero();
        assertThat(ordered).extracting(RequestOrder::psbt).containsOnly(Optional.of("cHNidP8B"));
        assertThat(run("request create", "--keys", "a,b", "--psbt-file", folder + "/none"))
                .isEqualTo(ExitCodes.ENVIRONMENT);
    }

    @Test
    void requestsAreListedShownJoinedAndEnded() throws Exception {
        assertThat(run("request list")).isZero();
        assertThat(run("request show", "a1a1a1a1")).isZero();
        assertThat(run("request join", "a1a1a1a1", "--json")).isZero();
        assertThat(out.toString().lines().toList().getLast())
                .startsWith("{\"ok\":true,\"request\":\"a1a1")
                .contains("\"phase\":\"awaiting-approval\"")
                .contains("\"election\":\"hash\"");
        assertThat(run("request refuse", "a1a1a1a1", "--reason", "no")).isZero();
        assertThat(run("request withdraw", "a1a1a1a1", "--json")).isZero();
        assertThat(out.toString().lines().toList().getLast())
                .isEqualTo("{\"ok\":true,\"request\":\"%s\"}".formatted(REQUEST.request()));
        assertThat(reasons).containsExactly("no", "");
        assertThat(run("request release", "a1a1a1a1")).isZero();
        assertThat(run("session round", "a1a1a1a1", "2")).isZero();
        assertThat(reasons).containsExactly("no", "", "released", "round 2");
        assertThat(run("request show", "bb")).isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString()).contains("NO_SUCH_REQUEST");
    }

    @Test
    void signersAdvertiseAreListedVouchedForAndWithdraw() throws Exception {
        assertThat(run("signer advertise", "--types", "spend,swap", "--json")).isZero();
        assertThat(out.toString().lines().toList().getLast())
                .startsWith("{\"ok\":true,\"key\":\"02aa")
                .contains("\"types\":[\"spend\",\"swap\"]");
        assertThat(run("signer list", "--json")).isZero();
        assertThat(out.toString().lines().toList().getLast())
                .startsWith("{\"ok\":true,\"signers\":[{\"key\":\"02aa")
                .endsWith("\"end\":\"complete\",\"hidden\":false}");
        assertThat(run("signer list", "--types", "swap", "--known")).isZero();
        assertThat(out.toString()).contains("(alice) verified", "found by dht");
        assertThat(run("signer vouch", "02bb", "--days", "1")).isZero();
        assertThat(out.toString().lines().toList().getLast()).isEqualTo("02bb:86400:00");
        assertThat(run("signer withdraw", "--json")).isZero();
        assertThat(out.toString().lines().toList().getLast()).endsWith("\"advertised\":true}");
    }

    @Test
    void sessionsAreListedShownAndWatched() throws Exception {
        assertThat(run("session list", "--json")).isZero();
        assertThat(out.toString()).startsWith("{\"ok\":true,\"sessions\":[{\"session\":\"5e5e");
        assertThat(run("session show", "5e5e5e5e")).isZero();
        assertThat(out.toString())
                .contains("session   " + SESSION.session() + "  round-1 since")
                .contains("late: 03bb");
        assertThat(run("session watch", "a1a1a1a1", "--json")).isEqualTo(ExitCodes.FAILED);
        assertThat(out.toString().lines().toList()).contains(READY, SIGNED);
        assertThat(watched)
                .containsExactly(
                        new SessionWatch(
                                Optional.empty(),
                                Optional.of("a1a1a1a1"),
                                SessionWatch.MAX_WAIT_MILLIS),
                        new SessionWatch(
                                Optional.of(7L),
                                Optional.of("a1a1a1a1"),
                                SessionWatch.MAX_WAIT_MILLIS));
        assertThat(err.toString()).contains("2 events were too long ago", "STOPPING");
    }

    @Test
    void theAddressOfKeysNeedsNoNode() {
        StringWriter printed = new StringWriter();
        String g = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
        String two = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
        assertThat(address(printed, g + "," + two)).isZero();
        assertThat(address(printed, two + "," + g)).isZero();
        List<String> lines = printed.toString().lines().toList();
        assertThat(lines.get(0)).startsWith("bcrt1p").isEqualTo(lines.get(1));
        assertThat(address(printed, g + "," + g)).isEqualTo(ExitCodes.FAILED);
        assertThat(address(printed, g + ",alice")).isEqualTo(ExitCodes.USAGE);
    }

    private int address(StringWriter printed, String keys) {
        return Main.run(
                new PrintWriter(printed, true),
                new PrintWriter(err, true),
                "request",
                "address",
                "--network",
                "regtest",
                "--keys",
                keys);
    }

    @Test
    void aGroupThatStrangersHaveFormedIsNamedWhereThereAreSeveral() throws Exception {
        assertThat(run("address", "--group", "savings")).isEqualTo(ExitCodes.OK);
        assertThat(reasons).containsExactly("savings");
        assertThat(run("pay", "--to", "carol", "--amount-sat", "5", "--group", "0e0e0e0e"))
                .isEqualTo(ExitCodes.OK);
        assertThat(paid.getLast().group()).contains("0e0e0e0e");
    }

    @Test
    void theStatusHasTheGroupsThatStrangersHaveFormed() throws Exception {
        NodeStatus.FormedGroup savings =
                new NodeStatus.FormedGroup(
                        "0e".repeat(32),
                        "savings",
                        "bcrt1q",
                        false,
                        6,
                        false,
                        List.of(
                                member("alice", false, State.AGREED, ""),
                                member("bob", true, State.AGREED, ""),
                                member("carol", false, State.WAITING, "")),
                        new NodeStatus.Balance(9, 5, 1),
                        STATUS.coins(),
                        List.of());
        status =
                new NodeStatus(
                        "regtest",
                        Optional.empty(),
                        "alice",
                        7,
                        Optional.of("00ff"),
                        List.of(),
                        Optional.empty(),
                        new NodeStatus.Balance(0, 0, 0),
                        List.of(),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.of(List.of(savings)),
                        STATUS.policy(),
                        STATUS.secrets(),
                        List.of(),
                        STATUS.chain());
        assertThat(run("status")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString().lines())
                .contains(
                        "group     %s  savings, 2 of 3 members connected, this node signs nothing for it"
                                .formatted("0e".repeat(32)),
                        "          next address bcrt1q",
                        "          coins 2, 9 sat, 5 sat of it spendable now; blocks are read up to 6");
        assertThat(run("status", "--json")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString())
                .contains(
                        "\"groups\":[{\"group\":\"0e0e",
                        "\"address\":\"bcrt1q\",\"caughtUp\":false,\"height\":6,\"signs\":false,");
    }

    @Test
    void theAddressIsOneLine() throws Exception {
        assertThat(run("address")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString().lines()).containsExactly("bcrt1p");
    }

    @Test
    void operatorTellsTheNodeWhatOnlyHeDecides() throws Exception {
        assertThat(run("node accept-clock")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString()).contains("2026-01-02T03:04:05Z");
        assertThat(run("node allow-conflict", "5e")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString()).contains("session 5e");
        assertThat(run("node accept-recovery", "bob", "a1")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString()).contains("accepted journal a1 of bob");
    }

    @Test
    void theAddressAsJsonIsTheSocketsLine() throws Exception {
        assertThat(run("address", "--json")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString().lines())
                .containsExactly(
                        """
                        {"ok":true,"address":"bcrt1p","network":"regtest","internalKey":"aa","outputKey":"bb"}\
                        """);
    }

    @Test
    void aPaymentPrintsTxidAndFee() throws Exception {
        assertThat(run("pay", "--to", "carol", "--amount-sat", "5")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString().lines())
                .containsExactly(
                        "txid  dd",
                        "fee   462 sat",
                        "state signed",
                        "key   4b",
                        "See ./tutti payments show 4b for its confirmations.");
        assertThat(paid)
                .containsExactly(new PayRequest("carol", 5, Optional.of(2L), Optional.empty()));
    }

    @Test
    void aPaymentAsJsonIsTheSocketsLine() throws Exception {
        run(
                "pay",
                "--to",
                "carol",
                "--amount-sat",
                "5",
                "--fee-rate",
                "3",
                "--coins",
                "4",
                "--json");
        assertThat(out.toString().lines())
                .containsExactly(
                        """
                        {"ok":true,"session":"aa","txid":"dd","feeSat":462,"state":"signed","key":"4b"}\
                        """);
        assertThat(paid)
                .containsExactly(new PayRequest("carol", 5, Optional.of(3L), Optional.of(4L)));
    }

    @Test
    void aPaymentCanBeNamedAndMadeOnceMore() throws Exception {
        run("pay", "--to", "carol", "--amount-sat", "5", "--key", "rent", "--again");
        assertThat(paid)
                .containsExactly(
                        new PayRequest(
                                "carol",
                                5,
                                Optional.of(2L),
                                Optional.empty(),
                                Optional.of("rent"),
                                Optional.of(true)));
    }

    @Test
    void aPaymentHasOneRateOrALadderOfThem() throws Exception {
        assertThat(run("pay", "--to", "carol", "--amount-sat", "5", "--fee-ladder", "1,5,20"))
                .isEqualTo(ExitCodes.OK);
        assertThat(paid)
                .containsExactly(
                        new PayRequest(
                                "carol",
                                5,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(List.of(1L, 5L, 20L)),
                                Optional.empty()));
        assertThat(
                        run(
                                "pay",
                                "--to",
                                "carol",
                                "--amount-sat",
                                "5",
                                "--fee-ladder",
                                "1,5",
                                "--fee-rate",
                                "2"))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(paid).hasSize(1);
    }

    @Test
    void aNodeThatEndsBeforeItsAnswerLeavesTheOutcomeUnknown() throws Exception {
        Path socket = folder.resolve("control.sock");
        try (ServerSocketChannel ends = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            ends.bind(UnixDomainSocketAddress.of(socket));
            Thread.startVirtualThread(() -> {
                try (SocketChannel asked = ends.accept()) {
                    var _ = asked.read(ByteBuffer.allocate(1_000));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            int exit =
                    Main.run(
                            new PrintWriter(out, true),
                            new PrintWriter(err, true),
                            "pay",
                            "--data",
                            folder.toString(),
                            "--to",
                            "carol",
                            "--amount-sat",
                            "5");
            assertThat(exit).isEqualTo(ExitCodes.UNKNOWN);
        }
        assertThat(err.toString())
                .startsWith("tutti: UNKNOWN_OUTCOME: ")
                .contains("do not repeat it without that key");
    }

    @Test
    void paymentsAreListedAndOneIsShown() throws Exception {
        assertThat(run("payments")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString()).startsWith("payment   ff  confirmed, 2 confirmation(s)");
        out.getBuffer().setLength(0);
        assertThat(run("payments show", "rent", "--json")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString())
                .startsWith("{\"ok\":true,\"txid\":\"ff\",\"state\":\"confirmed\",");
        out.getBuffer().setLength(0);
        assertThat(run("payments show", "other", "--json")).isEqualTo(ExitCodes.FAILED);
        assertThat(out.toString().strip())
                .isEqualTo(
                        """
                        {"ok":false,"code":"NO_SUCH_PAYMENT","message":"NO_SUCH_PAYMENT: no payment other",\
                        "next":"./tutti payments --data DIR"}\
                        """);
    }

    @Test
    void withJsonEveryFailureIsOneObjectMore() throws Exception {
        assertThat(run("pay", "--json", "--to", "mallory", "--amount-sat", "5"))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(run("pay", "--json", "--to", "carol", "--amount-sat", "0"))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(run("status", "--json", "--nonsense")).isEqualTo(ExitCodes.USAGE);
        assertThat(out.toString().lines())
                .hasSize(3)
                .allMatch(line -> line.startsWith("{\"ok\":false,\"code\":\""))
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"DESTINATION_NOT_ALLOWED\""),
                        line -> assertThat(line).contains("\"USAGE\"", "see ./tutti pay --help"),
                        line -> assertThat(line).contains("\"USAGE\"", "--nonsense"));
        assertThat(err.toString().lines()).allMatch(line -> line.startsWith("tutti: "));
    }

    @Test
    void aRefusedPaymentIsOneLineAndFails() throws Exception {
        assertThat(run("pay", "--to", "mallory", "--amount-sat", "5")).isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString().lines())
                .containsExactly("tutti: DESTINATION_NOT_ALLOWED: signer 1 refuses");
    }

    @Test
    void theStatusIsALineForEachMemberCoinAndPayment() throws Exception {
        assertThat(run("status")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString().lines())
                .containsExactly(
                        "peer id   alice",
                        "network   regtest, height 7, tip 00ff",
                        "chain     blocks, header 9, 1 of 1 peers agree, last block 66 min ago, not"
                                + " fresh, 3 s left",
                        "          held back: nobody delivers",
                        "          peer 127.0.0.1:1 is banned, INVALID_HEADER: bad",
                        "address   bcrt1p",
                        "secrets   not locked",
                        "secrets   dumpable",
                        "policy    a payment up to 8 sat, fee up to 2 sat, 6 sat left of these 24"
                                + " hours, to 1 address(es)",
                        "member    Bob's bob connected since 2026-01-02T03:04:05Z, round trip 1.4 ms",
                        "member    carol not connected since 2026-01-02T03:04:05Z, has not agreed on the address yet",
                        "member    alice this node, two processes have its identity: nothing is"
                                + " signed until one is gone",
                        "member    dave connected since 2026-01-02T03:04:05Z, in another group (77): network, epoch or a key"
                                + " differ",
                        "member    erin connected since 2026-01-02T03:04:05Z, derives a different group address: bc1p",
                        "member    frank connected since 2026-01-02T03:04:05Z, has lost its journal and asks to go on with b2:"
                                + " nothing is signed until all have accepted it (node"
                                + " accept-recovery)",
                        "member    grace connected since 2026-01-02T03:04:05Z, has lost its journal; c3 is accepted here, and"
                                + " not by all yet",
                        "refused   3 GATED",
                        "recovery  nothing is signed before the operators of all members have"
                                + " accepted journal a1",
                        "          accepted by bob, who has told what it remembers",
                        "          accepted by carol",
                        "          all have lost their journals: if you know that, stop the node and"
                                + " run node recover --earlier-payments-unknown",
                        "coins     2, 9 sat, 5 sat of it spendable now",
                        "coin      cc:0  5 sat, height 1, held by session 5e",
                        "coin      dd:1  4 sat, height 7, not yet mature",
                        "session   5e of alice, attempt 2, readiness, waits for Bob's, carol",
                        "payment   ff  confirmed, 2 confirmation(s), since 2026-01-02T03:04:06Z",
                        "          3 sat to carol",
                        "          fee 4 sat, 2.25 sat/vB, rate 2 of 3",
                        "          session 5e, key rent, asked for 2026-01-02T03:04:05Z");
    }

    @Test
    void theStatusAsJsonIsTheSocketsLine() throws Exception {
        assertThat(run("status", "--json")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString().strip())
                .startsWith("{\"ok\":true,\"network\":\"regtest\",\"address\":\"bcrt1p\",")
                .endsWith(
                        """
                        "payments":[{"txid":"ff","state":"confirmed","since":"2026-01-02T03:04:06Z",\
                        "created":"2026-01-02T03:04:05Z","requester":"alice","confirmations":2,\
                        "blockHash":"00ee","seenBy":1,"session":"5e","key":"rent","amountSat":3,\
                        "outputs":[{"to":"carol","amountSat":3}],"feeSat":4,"feeRate":2.25,"rung":{"number":2,"of":3}}],\
                        "sessions":[{"session":"5e","requester":"alice","attempt":2,\
                        "phase":"readiness","waitedFor":["bob","carol"]}],\
                        "policy":{"maxAmountSat":8,"leftTodaySat":6,"maxFeeSat":2,\
                        "anyDestination":false,"destinations":["carol"]},\
                        "secrets":{"memoryLocked":false,"leftOutOfCoreFiles":true,"notDumpable":false,\
                        "coreFilesOff":true,"attachOff":true,"missing":["not locked","dumpable"]},\
                        "refused":[{"reason":"GATED","count":3}],\
                        "chain":{"phase":"blocks","headers":9,"tipAgeSeconds":4000,"connected":1,\
                        "agreeing":1,"fresh":false,"bytes":1500000,"secondsLeft":3,\
                        "obstacles":[{"code":"BLOCKS_MISSING","message":"nobody delivers"}],\
                        "peers":[{"peer":"127.0.0.1:1","state":"banned","userAgent":"","height":-1,\
                        "agrees":false,"penalty":4,"last":"INVALID_HEADER: bad"}]}}\
                        """);
    }

    private int run(String command, String... options) throws Exception {
        List<String> args = new ArrayList<>(List.of(command.split(" ")));
        args.addAll(List.of("--data", folder.toString()));
        args.addAll(List.of(options));
        try (ControlServer _ = ControlServer.listen(folder.resolve("control.sock"), node)) {
            return Main.run(
                    new PrintWriter(out, true),
                    new PrintWriter(err, true),
                    args.toArray(String[]::new));
        }
    }
}
