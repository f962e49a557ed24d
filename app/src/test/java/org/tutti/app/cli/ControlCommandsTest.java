package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.AddressInfo;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.ClockAccepted;
import org.tutti.node.api.ConflictAllowed;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.api.NodeStatus.Member.State;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;
import org.tutti.node.api.Payments;
import org.tutti.node.api.RecoveryAccepted;
import org.tutti.node.api.ReplaceRequest;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `./tutti address`, `pay` and `status` against a node that answers with fixed values: what they
/// print for people, and for programs to the byte.
@Timeout(60)
class ControlCommandsTest {
    private static final AddressInfo ADDRESS = new AddressInfo("bcrt1p", "regtest", "aa", "bb");

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

    private final List<PayRequest> paid = new ArrayList<>();
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
                public AddressInfo address() {
                    return ADDRESS;
                }

                @Override
                public NodeStatus status() {
                    return STATUS;
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
            };

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
                                Optional.of(List.of(1L, 5L, 20L))));
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
