package org.tutti.app.demo;

import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.bitcoin.script.Script;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;
import org.tutti.wallet.payments.PaymentState;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;

/// Payments of three signers, each node, the Bitcoin peer and the asking `pay` a process of its
/// own, while one of them is killed or stands still; and what `pay`, `payments` and `status` say of
/// each, held against the blocks of the Bitcoin peer.
///
/// Node 1 is asked to pay, node 2 is the member that something happens to. A payment with its
/// trouble is followed until all nodes run again; then it is asked for once more with its key, as
/// an operator does who was told nothing, and six blocks are mined.
final class FaultTrial implements AutoCloseable {
    /// What something happens to.
    enum Victim {
        REQUESTER,
        CLIENT,
        MEMBER,
        BITCOIN_PEER
    }

    /// What happens to it: kill -9 and, unless it is the client, a start; or SIGSTOP, and SIGCONT
    /// after three seconds.
    enum Fault {
        KILLED,
        FROZEN
    }

    /// When: as soon as a node says that it has come so far.
    enum Step {
        ASKED("announced"),
        READY("ready"),
        STARTED("attempt-started"),
        NONCES("nonces"),
        PARTIALS("partials"),
        SIGNED("signed"),
        CHECKED("checked"),
        SENT("broadcast"),
        MINED("mined"),
        CONFIRMED("confirmed");

        final String event;

        Step(String event) {
            this.event = event;
        }
    }

    record Case(Victim victim, Fault fault, Step step) {
        @Override
        public String toString() {
            return "%s %s at %s".formatted(victim, fault, step).toLowerCase(Locale.ROOT);
        }
    }

    /// What a command ended with.
    record Told(int exitCode, JsonObject answer) {
        String code() {
            return answer.text("code").orElse("");
        }

        String txid() {
            return answer.text("txid").orElse("");
        }
    }

    private static final long FIRST_AMOUNT = 6_000_000;
    private static final Duration FROZEN = Duration.ofSeconds(3);
    private static final Duration LONGEST = Duration.ofSeconds(90);

    /// How long the Bitcoin peer waits before it mines a block without the payment.
    private static final Duration BLOCK = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final Set<String> sessions = new HashSet<>();
    private int height = Cluster.FUNDED;
    private int payments;

    private FaultTrial(Cluster cluster) {
        this.cluster = cluster;
    }

    static FaultTrial start() throws Exception {
        return new FaultTrial(Cluster.start(3));
    }

    /// One payment that is in trouble.
    ///
    /// @return what is wrong, if something is
    List<String> run(Case trouble) throws Exception {
        long amount = FIRST_AMOUNT + payments;
        String key = "payment-" + payments++;
        for (NodeStatus.Payment earlier : cluster.api(1).payments().payments()) {
            earlier.session().ifPresent(sessions::add);
        }
        ManagedProcess client = cluster.command(payArguments(1, amount, key));
        JsonObject asked =
                cluster.node(1)
                        .awaitAmongRefusals(
                                "a new session",
                                e ->
                                        is(e, "event", "announced")
                                                && !sessions.contains(e.text("session").orElse("")),
                                Deadline.in(LONGEST));
        String session = asked.string("session");
        List<String> wrong = new ArrayList<>();
        try (Claims claims = Claims.listen(cluster, session, height)) {
            boolean early = trouble.step().compareTo(Step.MINED) < 0;
            if (early) {
                awaitStep(trouble, session, asked.string("txid"));
                strike(trouble, client);
            }
            Optional<Told> told =
                    early && trouble.victim() == Victim.CLIENT && trouble.fault() == Fault.KILLED
                            ? Optional.empty()
                            : Optional.of(answer(client));
            awaitAllWell();
            Told again = askAgain(amount, key);
            awaitWaiting(again.txid(), claims::ordered);
            mine(1, claims::ordered);
            if (trouble.step() == Step.MINED) {
                strike(trouble, client);
            } else if (trouble.step() == Step.CONFIRMED) {
                awaitStep(trouble, session, again.txid());
                strike(trouble, client);
            }
            awaitState(again.txid(), payment -> payment.confirmations() >= 1);
            mine(5, claims::ordered);
            awaitState(again.txid(), payment -> payment.confirmations() >= 6);
            told.ifPresent(first -> compare(first, again, session, wrong));
            compare(amount, key, again, wrong);
            FixtureChain chain = FixtureChain.read(cluster.blocks());
            wrong.addAll(claims.against(chain, cluster.everWaiting()));
            if (claims.gaveUp() && again.answer().text("session").orElse("").equals(session)) {
                wrong.add("a node called session " + session + " given up, and it was signed");
            }
            report(
                    "%s: pay %s; %s"
                            .formatted(
                                    trouble,
                                    told.map(FaultTrial::brief).orElse("-"),
                                    claims.text()));
        }
        return wrong.stream().map(what -> trouble + ": " + what).toList();
    }

    /// What was found, in the test's output.
    @SuppressWarnings("SystemOut")
    private static void report(String line) {
        System.out.println(line);
    }

    private static String brief(Told told) {
        return told.exitCode() + (told.code().isEmpty() ? "" : " " + told.code());
    }

    // --- what the tests without trouble need

    Cluster cluster() {
        return cluster;
    }

    String data(int number) {
        return cluster.data(number).toString();
    }

    /// @param key none for a random one
    String[] payArguments(int number, long amount, String key) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "pay",
                                "--data",
                                data(number),
                                "--to",
                                BitcoinPeer.NOBODY,
                                "--amount-sat",
                                Long.toString(amount),
                                "--json"));
        if (!key.isEmpty()) {
            arguments.addAll(List.of("--key", key));
        }
        return arguments.toArray(String[]::new);
    }

    Told pay(int number, long amount, String key) throws Exception {
        return told(payArguments(number, amount, key));
    }

    /// A payment of node 1's that nothing happens to.
    Told payOnce() throws Exception {
        int number = payments++;
        return askAgain(FIRST_AMOUNT + number, "payment-" + number);
    }

    void awaitWaiting(String txid) throws Exception {
        awaitWaiting(txid, _ -> {});
    }

    /// Mines six blocks, and waits until all nodes know.
    void settle(String txid) throws Exception {
        mine(6, BitcoinPeer.NOBODY, _ -> {});
        awaitState(txid, payment -> payment.confirmations() >= 6);
        awaitAllWell();
    }

    /// A reward for the group, which is not mature for long.
    void mineToGroup() throws Exception {
        mine(1, cluster.address(), _ -> {});
        awaitAllWell();
    }

    /// The transactions that pay this amount.
    List<String> paid(long amount) throws Exception {
        return FixtureChain.read(cluster.blocks())
                .paying(FixtureChain.script(BitcoinPeer.NOBODY), amount)
                .stream()
                .map(mined -> mined.txid().toString())
                .toList();
    }

    // --- the trouble

    private void awaitStep(Case trouble, String session, String txid) throws Exception {
        boolean ofMember = trouble.victim() == Victim.MEMBER;
        String event =
                ofMember && trouble.step() == Step.ASKED
                        ? "request-received"
                        : trouble.step().event;
        // What a member has sent is told by the requester alone.
        int observer = ofMember && trouble.step() != Step.SENT ? 2 : 1;
        var _ =
                cluster.node(observer)
                        .awaitAmongRefusals(
                                event + " of " + txid,
                                e ->
                                        is(e, "event", event)
                                                && (is(e, "session", session)
                                                        || is(e, "txid", txid)),
                                Deadline.in(LONGEST));
    }

    private void strike(Case trouble, ManagedProcess client) throws Exception {
        ManagedProcess victim =
                switch (trouble.victim()) {
                    case REQUESTER -> cluster.node(1);
                    case MEMBER -> cluster.node(2);
                    case CLIENT -> client;
                    case BITCOIN_PEER -> cluster.bitcoin();
                };
        switch (trouble.fault()) {
            case FROZEN -> {
                signal(victim, "STOP");
                Thread.sleep(FROZEN);
                signal(victim, "CONT");
            }
            case KILLED -> {
                victim.kill();
                switch (trouble.victim()) {
                    case REQUESTER -> cluster.restart(1);
                    case MEMBER -> cluster.restart(2);
                    case BITCOIN_PEER -> cluster.restartBitcoin();
                    case CLIENT -> {}
                }
            }
        }
    }

    static void signal(ManagedProcess process, String name) throws Exception {
        // A client may have ended already.
        var _ =
                new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .redirectErrorStream(true)
                        .start()
                        .waitFor();
    }

    // --- what becomes of the payment

    /// What a command said before it ended.
    static Told answer(ManagedProcess client) throws DemoFailed {
        JsonObject answer =
                client.awaitAmongRefusals(
                        "its answer", e -> e.fields().containsKey("ok"), Deadline.in(LONGEST));
        return new Told(client.awaitEnd(Deadline.in(LONGEST)), answer);
    }

    /// All nodes run, are connected, agree, and know the whole chain.
    void awaitAllWell() throws Exception {
        until(
                "all nodes are well",
                () -> {
                    for (int number : new int[] {1, 2, 3}) {
                        NodeStatus status = cluster.status(number);
                        if (status.height() != height
                                || status.members().stream()
                                        .anyMatch(member ->
                                                member.state() != NodeStatus.Member.State.AGREED
                                                        || (!member.self()
                                                                && !member.connected()))) {
                            return false;
                        }
                    }
                    return true;
                });
    }

    /// As an operator does who does not know what became of it.
    private Told askAgain(long amount, String key) throws Exception {
        List<String> answers = new ArrayList<>();
        Deadline deadline = Deadline.in(LONGEST);
        while (deadline.nanosLeft() > 0) {
            Told told = pay(1, amount, key);
            if (told.exitCode() == ExitCodes.OK) {
                return told;
            }
            answers.add(brief(told));
        }
        throw new AssertionError("asked again with its key: " + answers);
    }

    /// What a command with `--json` ends with.
    Told told(String... args) throws Exception {
        StringWriter out = new StringWriter();
        int code = Main.run(new PrintWriter(out), new PrintWriter(new StringWriter()), args);
        return new Told(code, JsonLine.parse(out.toString().strip()));
    }

    /// What a command prints for people.
    String text(String... args) {
        StringWriter out = new StringWriter();
        var _ = Main.run(new PrintWriter(out), new PrintWriter(new StringWriter()), args);
        return out.toString();
    }

    /// A Bitcoin peer that was started again has forgotten what waited: it hears of it again, at
    /// the latest after a block.
    private void awaitWaiting(String txid, IntConsumer ordered) throws Exception {
        for (int blocks = 0; blocks < 6; blocks++) {
            Deadline next = Deadline.in(BLOCK);
            while (next.nanosLeft() > 0) {
                if (cluster.waiting().contains(txid)) {
                    return;
                }
                Thread.sleep(50);
            }
            mine(1, ordered);
            if (FixtureChain.read(cluster.blocks()).has(txid)) {
                return;
            }
        }
        throw new AssertionError("the Bitcoin peer never got " + txid);
    }

    private void mine(int count, IntConsumer ordered) throws Exception {
        mine(count, BitcoinPeer.NOBODY, ordered);
    }

    /// @param ordered told the height before it is reached
    private void mine(int count, String to, IntConsumer ordered) throws Exception {
        height += count;
        ordered.accept(height);
        cluster.mine(count, to);
        int wanted = height;
        var _ =
                cluster.bitcoin()
                        .await(
                                "height " + wanted,
                                e -> is(e, "event", "mined") && e.number("height") == wanted,
                                Deadline.in(LONGEST));
    }

    /// What has to become true of a payment in every node.
    @FunctionalInterface
    private interface Wanted {
        boolean isTrueOf(NodeStatus.Payment payment);
    }

    private void awaitState(String txid, Wanted wanted) throws Exception {
        until(
                "every node knows how deep " + txid + " is",
                () -> {
                    for (int number : new int[] {1, 2, 3}) {
                        NodeStatus.Payment payment = cluster.api(number).payment(txid);
                        if (payment.state() != PaymentState.CONFIRMED
                                || !wanted.isTrueOf(payment)) {
                            return false;
                        }
                    }
                    return true;
                });
    }

    void until(String what, Callable<Boolean> wanted) throws Exception {
        Deadline deadline = Deadline.in(LONGEST);
        while (deadline.nanosLeft() > 0) {
            try {
                if (wanted.call()) {
                    return;
                }
            } catch (ApiException e) {
                // A node that starts.
            }
            Thread.sleep(50);
        }
        throw new AssertionError("not in time: " + what);
    }

    // --- what was said, against what happened

    private static void compare(Told first, Told again, String session, List<String> wrong) {
        switch (first.exitCode()) {
            case ExitCodes.OK -> {
                if (!first.txid().equals(again.txid())) {
                    wrong.add("pay told " + first.txid() + " and then " + again.txid());
                }
            }
            case ExitCodes.FAILED -> {
                if (first.code().equals("UNKNOWN_OUTCOME")) {
                    wrong.add("pay ended as if it had not happened: " + first.answer());
                }
                if (again.answer().text("session").orElse("").equals(session)) {
                    wrong.add("pay said that it did not happen, and it did: " + first.answer());
                }
            }
            case ExitCodes.UNKNOWN -> {
                if (!first.code().equals("UNKNOWN_OUTCOME")) {
                    wrong.add("pay ended with 6 and " + first.answer());
                }
            }
            default -> wrong.add("pay ended with " + first);
        }
    }

    private void compare(long amount, String key, Told again, List<String> wrong) throws Exception {
        FixtureChain chain = FixtureChain.read(cluster.blocks());
        List<FixtureChain.Mined> paid =
                chain.paying(FixtureChain.script(BitcoinPeer.NOBODY), amount);
        if (paid.size() != 1 || !paid.getFirst().txid().toString().equals(again.txid())) {
            wrong.add("pay told " + again.txid() + ", the chain has " + paid);
            return;
        }
        int at = paid.getFirst().height();
        Script group = FixtureChain.script(cluster.address());
        long owned = chain.unspentSat(group);
        for (int number : new int[] {1, 2, 3}) {
            NodeStatus status = cluster.status(number);
            if (status.height() != chain.height()
                    || !status.tip().orElse("").equals(chain.hash(chain.height()))
                    || status.balance().totalSat() != owned
                    || status.balance().spendableSat() != chain.matureSat(group)
                    || !status.sessions().isEmpty()
                    || status.coins().stream().anyMatch(coin -> coin.heldBy().isPresent())) {
                wrong.add("node " + number + " of " + owned + " sat says " + status);
            }
            for (NodeStatus.Payment payment : status.payments()) {
                boolean isIt = payment.txid().equals(again.txid());
                boolean isTrue =
                        payment.amountSat() != amount
                                || payment.state() == PaymentState.GIVEN_UP
                                || (isIt
                                        ? payment.state() == PaymentState.CONFIRMED
                                                && payment.confirmations()
                                                        == chain.height() - at + 1
                                                && payment.blockHash()
                                                        .orElse("")
                                                        .equals(chain.hash(at))
                                        : payment.state() == PaymentState.REPLACED);
                if (!isTrue) {
                    wrong.add("node " + number + " says " + payment);
                }
            }
        }
        JsonObject shown = told("payments", "show", key, "--data", data(1), "--json").answer();
        if (!is(shown, "state", "confirmed") || !is(shown, "txid", again.txid())) {
            wrong.add("payments show " + key + " says " + shown);
        }
    }

    private static boolean is(JsonObject object, String field, String value) {
        return object.text(field).orElse("").equals(value);
    }

    /// SIGNING-SAFETY 1 and 3, over everything that was signed.
    int requireNoNonceTwice() throws Exception {
        return Journals.requireNoNonceTwice(cluster.folders());
    }

    @Override
    public void close() {
        cluster.close();
    }
}
