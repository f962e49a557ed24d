package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.app.cli.Main;
import org.tutti.app.demo.FaultTrial.Case;
import org.tutti.app.demo.FaultTrial.Fault;
import org.tutti.app.demo.FaultTrial.Step;
import org.tutti.app.demo.FaultTrial.Told;
import org.tutti.app.demo.FaultTrial.Victim;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.NodeStatus;
import org.tutti.wallet.payments.PaymentState;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What an operator is told of money, chain and members is what is so: paid once, nothing told as
/// done that is not, nothing that may still happen told as if it could not. Real processes all
/// along, three signers and a Bitcoin peer that all of these tests share; each leaves them running,
/// connected, and with its payment six blocks deep.
///
/// What else is shown with real processes: every process killed and standing still at every step of
/// a payment in [PaymentClaimsMatrixTest], two inputs and a killed signer in [KilledNodeTest], a
/// policy's refusals in [RefusalsTest] and [HostileMemberTest], a bump and a cancel with the
/// commands of the guide in `interop/three-terminals.sh`, with full nodes of others in
/// `interop.fullnode.PaymentChecks`.
@Timeout(240)
class PaymentClaimsTest {
    private static FaultTrial trial;

    @BeforeAll
    static void start() throws Exception {
        trial = FaultTrial.start();
    }

    @AfterAll
    static void end() throws Exception {
        try (FaultTrial ended = trial) {
            assertThat(ended.requireNoNonceTwice()).isPositive();
        }
    }

    @Test
    void whatIsToldIsWhatTheChainDidWhereTheRequesterIsKilledWithTheSignatures() throws Exception {
        assertThat(trial.run(new Case(Victim.REQUESTER, Fault.KILLED, Step.SIGNED))).isEmpty();
    }

    @Test
    void whatIsToldIsWhatTheChainDidWhereTheBitcoinPeerIsKilledAndForgetsWhatItGot()
            throws Exception {
        assertThat(trial.run(new Case(Victim.BITCOIN_PEER, Fault.KILLED, Step.SENT))).isEmpty();
    }

    @Test
    void whatTheMemoryPoolForgetsIsSentAgainAndMined() throws Exception {
        Told told = trial.payOnce();
        trial.awaitWaiting(told.txid());
        trial.cluster().bitcoin().tell("evict " + told.txid());
        assertThat(trial.cluster().waiting()).doesNotContain(told.txid());
        // Still waiting, and told so: neither done nor given up.
        assertThat(trial.cluster().api(1).payment(told.txid()).state())
                .isIn(PaymentState.SENT, PaymentState.SEEN);
        trial.awaitWaiting(told.txid());
        trial.settle(told.txid());
    }

    @Test
    void withoutABlockNothingIsCalledAbsentAndAPaymentIsNotAskedFor() throws Exception {
        Told before = trial.payOnce();
        trial.awaitWaiting(before.txid());
        trial.cluster().bitcoin().kill();
        trial.cluster().node(1).kill();
        var _ = trial.cluster().restart(1);
        trial.until("it answers", () -> trial.cluster().status(1).height() < 0);
        Told told = trial.pay(1, 1_234_567, "no-block");
        assertThat(told.exitCode()).isEqualTo(ExitCodes.FAILED);
        assertThat(told.code()).isEqualTo("CHAIN_UNKNOWN");
        assertThat(trial.text("status", "--data", trial.data(1)))
                .contains("coins     not known before the first block")
                .contains("held back: ");
        // What the journal has is known without the chain.
        assertThat(trial.cluster().api(1).payment(before.txid()).state())
                .isEqualTo(PaymentState.SIGNED);
        trial.cluster().restartBitcoin();
        trial.awaitAllWell();
        trial.awaitWaiting(before.txid());
        trial.settle(before.txid());
    }

    @Test
    void aMemberThatStandsStillIsNamedAtOnceAndNothingIsAskedFor() throws Exception {
        ManagedProcess carol = trial.cluster().node(3);
        FaultTrial.signal(carol, "STOP");
        try {
            trial.until(
                    "the member is missed",
                    () ->
                            trial.cluster().status(1).members().stream()
                                    .anyMatch(member -> !member.self() && !member.connected()));
            Told told = trial.pay(1, 1_234_568, "frozen");
            assertThat(told.exitCode()).isEqualTo(ExitCodes.FAILED);
            assertThat(told.code()).isEqualTo("NOT_CONNECTED");
            String peerId = trial.cluster().peerId(3);
            assertThat(told.answer().string("message"))
                    .contains(
                            "not connected: …" + peerId.substring(peerId.length() - 8) + " since ");
            assertThat(trial.cluster().status(1).payments())
                    .noneMatch(payment -> payment.amountSat() == 1_234_568);
        } finally {
            FaultTrial.signal(carol, "CONT");
        }
        trial.awaitAllWell();
    }

    @Test
    void coinsThatAreHeldImmatureOrInNoBlockYetAreNotCalledSpendable() throws Exception {
        trial.mineToGroup();
        Told first = trial.payOnce();
        trial.awaitWaiting(first.txid());
        NodeStatus status = trial.cluster().status(2);
        NodeStatus.Utxo immature = status.coins().getLast();
        assertThat(immature.height()).isEqualTo(status.height());
        assertThat(immature.spendable()).isFalse();
        List<NodeStatus.Utxo> held =
                status.coins().stream().filter(coin -> coin.heldBy().isPresent()).toList();
        assertThat(held).isNotEmpty().noneMatch(NodeStatus.Utxo::spendable);
        assertThat(held.getFirst().heldBy()).contains(first.answer().string("session"));
        long spendable = status.balance().spendableSat();
        assertThat(spendable)
                .isEqualTo(
                        status.balance().totalSat()
                                - immature.valueSat()
                                - held.stream().mapToLong(NodeStatus.Utxo::valueSat).sum());
        // Neither these nor the change, which is in no block yet.
        Told told = trial.pay(1, spendable, "too-much");
        assertThat(told.code()).isEqualTo("INSUFFICIENT_FUNDS");
        assertThat(told.answer().string("message"))
                .contains(" in %d coins are held by payments".formatted(held.size()));
        trial.settle(first.txid());
    }

    @Test
    void anEqualPaymentAskedForAtTwoNodesIsMadeAsOftenAsItIsTold() throws Exception {
        long amount = 1_234_569;
        List<ManagedProcess> clients = new ArrayList<>();
        for (int number : new int[] {1, 2}) {
            clients.add(
                    trial.cluster().command(trial.payArguments(number, amount, "two-" + number)));
        }
        List<Told> told = new ArrayList<>();
        for (ManagedProcess client : clients) {
            told.add(FaultTrial.answer(client));
        }
        List<String> made =
                told.stream()
                        .filter(one -> one.exitCode() == ExitCodes.OK)
                        .map(Told::txid)
                        .toList();
        assertThat(made).as("%s", told).isNotEmpty();
        for (String txid : made) {
            trial.awaitWaiting(txid);
        }
        // Whoever knows of one refuses the next, also at another node.
        assertThat(trial.pay(3, amount, "").code()).isEqualTo("EQUAL_PAYMENT");
        for (String txid : made) {
            trial.settle(txid);
        }
        assertThat(trial.paid(amount)).containsExactlyInAnyOrderElementsOf(made);
    }

    @Test
    void aNodeThatRunsForSomebodyElseIsNotCalledOneThatDoesNotRun() throws Exception {
        assertThat(trial.told("status", "--data", trial.data(1) + "-none", "--json").code())
                .isEqualTo("NO_SUCH_FOLDER");
        Path other = Files.createDirectory(trial.cluster().folder().resolve("nobody"));
        assertThat(trial.told("status", "--data", other.toString(), "--json").code())
                .isEqualTo("NOT_RUNNING");
        // It has rights for its user alone; root needs to lose its capabilities to be refused.
        Path theirs = Files.createDirectory(trial.cluster().folder().resolve("theirs"));
        List<String> command = new ArrayList<>();
        if (Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "root is refused nothing");
            Files.setAttribute(theirs, "unix:uid", 65_534);
            command.addAll(List.of("/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all"));
        }
        Files.setPosixFilePermissions(
                theirs,
                PosixFilePermissions.fromString(command.isEmpty() ? "---------" : "rwx------"));
        command.addAll(
                new JavaCommand(Main.class)
                        .line(List.of("status", "--data", theirs.toString(), "--json")));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(out).contains("\"code\":\"PERMISSION_DENIED\"");
        assertThat(process.exitValue()).isEqualTo(ExitCodes.ENVIRONMENT);
        Files.delete(theirs);
    }
}
