package org.tutti.interop.script;

import org.tutti.bitcoin.interpreter.ScriptError;
import org.tutti.bitcoin.interpreter.ScriptFailure;
import org.tutti.bitcoin.interpreter.ScriptFlag;
import org.tutti.interop.program.LineProgram;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/// Compares our script interpreter with Bitcoin Core's code, case by case, by verdict and by the
/// name of the error.
///
/// ```text
/// ScriptComparison PROGRAM CASES SEED      compare so many cases; then find each planted deviation
/// ScriptComparison PROGRAM replay NUMBER SEED     show one case
/// ```
///
/// Exit code 0 if there was no difference, every deviation was found, and each opcode and error
/// came often enough; 1 otherwise.
public final class ScriptComparison {
    private static final int BATCH = 200;

    /// More differences than these are not shown.
    private static final int SHOWN = 20;

    /// In how many cases a planted deviation must be found.
    private static final long TO_FIND = 20_000;

    private final Path program;
    private final long seed;

    private ScriptComparison(Path program, long seed) {
        this.program = program;
        this.seed = seed;
    }

    /// @param arguments as above
    public static void main(String[] arguments) throws Exception {
        Path program = Path.of(arguments[0]);
        if (arguments[1].equals("replay")) {
            new ScriptComparison(program, Long.parseLong(arguments[3]))
                    .replay(Long.parseLong(arguments[2]));
            return;
        }
        ScriptComparison comparison = new ScriptComparison(program, Long.parseLong(arguments[2]));
        boolean good = comparison.compareAll(Long.parseLong(arguments[1]));
        for (Deviation deviation : Deviation.values()) {
            good &= comparison.finds(deviation);
        }
        System.out.println(good ? "core-script: ok" : "core-script: FAILED");
        System.exit(good ? 0 : 1);
    }

    private boolean compareAll(long cases) throws Exception {
        long start = System.nanoTime();
        Outcome all = run(Interpreter.OURS, cases, false);
        all.tally.lines().forEach(ScriptComparison::say);
        say(
                cases
                        + " cases in "
                        + (System.nanoTime() - start) / 1_000_000_000
                        + " s, seed "
                        + seed);
        all.differences.stream().limit(SHOWN).forEach(ScriptComparison::say);
        say(all.differences.size() + " differences");
        List<String> missing = all.tally.missing();
        missing.forEach(what -> say("not tried enough: " + what));
        return all.differences.isEmpty() && missing.isEmpty();
    }

    private boolean finds(Deviation deviation) throws Exception {
        Outcome outcome = run(deviation, TO_FIND, true);
        String found = outcome.differences.isEmpty() ? "NOT FOUND" : "found";
        say(
                "planted "
                        + deviation
                        + ": "
                        + found
                        + " in "
                        + outcome.tally.comparisons()
                        + " comparisons");
        outcome.differences.stream()
                .limit(1)
                .map(line -> line.substring(0, line.lastIndexOf(": ")))
                .forEach(ScriptComparison::say);
        return !outcome.differences.isEmpty();
    }

    private static void say(String line) {
        System.out.println("core-script: " + line);
    }

    /// What one or all workers found.
    private static final class Outcome {
        private final Tally tally = new Tally();
        private final List<String> differences = new ArrayList<>();

        void add(Outcome other) {
            tally.add(other.tally);
            differences.addAll(other.differences);
        }
    }

    /// @param first whether one difference is enough
    private Outcome run(Interpreter interpreter, long cases, boolean first)
            throws InterruptedException, ExecutionException {
        int workers = Runtime.getRuntime().availableProcessors();
        AtomicLong next = new AtomicLong();
        Outcome all = new Outcome();
        try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
            List<Callable<Outcome>> tasks = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                tasks.add(() -> work(interpreter, next, cases, first));
            }
            for (Future<Outcome> part : pool.invokeAll(tasks)) {
                all.add(part.get());
            }
        }
        return all;
    }

    private Outcome work(Interpreter interpreter, AtomicLong next, long cases, boolean first)
            throws IOException {
        CaseGenerator generator = new CaseGenerator(seed);
        Outcome outcome = new Outcome();
        try (LineProgram core = new LineProgram(program)) {
            for (long from = next.getAndAdd(BATCH); from < cases; from = next.getAndAdd(BATCH)) {
                batch(
                        interpreter,
                        core,
                        generator.make(from, Math.min(cases, from + BATCH)),
                        outcome);
                if (first && !outcome.differences.isEmpty()) {
                    next.set(cases);
                }
            }
        }
        return outcome;
    }

    private void batch(
            Interpreter interpreter, LineProgram core, List<ScriptCase> cases, Outcome outcome)
            throws IOException {
        List<String> questions = new ArrayList<>();
        for (ScriptCase tried : cases) {
            tried.flags().forEach(flags -> questions.add(tried.question(flags)));
        }
        List<String> answers = core.ask(questions);
        int at = 0;
        for (ScriptCase tried : cases) {
            for (Set<ScriptFlag> flags : tried.flags()) {
                String answer = answers.get(at);
                String ours = ours(interpreter, tried, flags, outcome.tally);
                outcome.tally.compared(tried, flags, answer.equals("OK"));
                if (!agree(tried, ours, answer)) {
                    outcome.differences.add(
                            "DIFFERENCE: ours "
                                    + ours
                                    + ", Core "
                                    + answer
                                    + ", case "
                                    + tried.number()
                                    + " ("
                                    + tried.kind()
                                    + ") of seed "
                                    + seed
                                    + ": "
                                    + questions.get(at));
                }
                at++;
            }
        }
    }

    /// The name of our error, `OK`, or what was thrown.
    private static String ours(
            Interpreter interpreter, ScriptCase tried, Set<ScriptFlag> flags, Tally tally) {
        try {
            Optional<ScriptFailure> failure =
                    interpreter.verify(
                            tried.transaction(), tried.spent(), tried.input(), flags, tally::ran);
            failure.ifPresent(f -> tally.failed(f.error()));
            return failure.map(f -> f.error().name()).orElse("OK");
        } catch (RuntimeException e) {
            return "threw " + e;
        }
    }

    /// Whether two answers are the same, but for what Core has renamed since the version that is
    /// asked here (26), and pay-to-anchor, of which that version knew nothing.
    private static boolean agree(ScriptCase tried, String ours, String core) {
        if (ours.equals(core)) {
            return true;
        }
        return switch (core) {
            case "UNKNOWN_ERROR" -> ours.equals(ScriptError.SCRIPTNUM.name());
            case "PUBKEYTYPE" -> ours.equals(ScriptError.TAPSCRIPT_EMPTY_PUBKEY.name());
            case "UNBALANCED_CONDITIONAL" ->
                    ours.equals(ScriptError.INVALID_STACK_OPERATION.name());
            case "DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM" ->
                    ours.equals("OK")
                            && tried.spent()
                                    .get(tried.input())
                                    .scriptPubKey()
                                    .toHex()
                                    .equals("51024e73");
            default -> false;
        };
    }

    private void replay(long number) throws IOException {
        ScriptCase tried = new CaseGenerator(seed).make(number);
        say("case " + number + " of seed " + seed + ": " + tried.kind());
        try (LineProgram core = new LineProgram(program)) {
            for (Set<ScriptFlag> flags : tried.flags()) {
                String question = tried.question(flags);
                String answer = core.ask(List.of(question)).getFirst();
                String ours = ours(Interpreter.OURS, tried, flags, new Tally());
                say(flags + ": ours " + ours + ", Core " + answer);
                say(question);
            }
        }
    }
}
