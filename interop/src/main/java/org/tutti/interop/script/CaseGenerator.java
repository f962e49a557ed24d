package org.tutti.interop.script;

import org.tutti.bitcoin.interpreter.Opcode;
import org.tutti.bitcoin.interpreter.ScriptError;
import org.tutti.bitcoin.interpreter.ScriptFlag;
import org.tutti.interop.script.Argument.Writing;
import org.tutti.interop.script.Draft.Spend;
import org.tutti.interop.script.Failures.Failing;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Makes the case of a number: what kind it is comes from the number, so that every kind comes
/// often enough, and the rest at random from run and number.
final class CaseGenerator {
    private static final ScriptError[] ERRORS = ScriptError.values();

    /// Of ten numbers, so many are meant to fail by a certain error.
    private static final int FAILING_OF_TEN = 6;

    private final long runSeed;
    private final List<Key> keys = IntStream.range(0, 8).mapToObj(Key::numbered).toList();

    CaseGenerator(long runSeed) {
        this.runSeed = runSeed;
    }

    ScriptCase make(long number) {
        Choices choices = new Choices(runSeed * 0x9e3779b97f4a7c15L + number);
        int kind = (int) (number % 10);
        int round = (int) (number / 10);
        if (kind < FAILING_OF_TEN) {
            ScriptError error = ERRORS[(round * FAILING_OF_TEN + kind) % ERRORS.length];
            return failing(choices, number, error);
        }
        return switch (kind) {
            case 6 ->
                    success(
                            choices,
                            number,
                            Failures.SUCCESS[(2 * round) % Failures.SUCCESS.length]);
            case 7 ->
                    success(
                            choices,
                            number,
                            Failures.SUCCESS[(2 * round + 1) % Failures.SUCCESS.length]);
            case 8 -> valid(choices, number);
            default -> broken(choices, number);
        };
    }

    private static ScriptCase of(
            Choices choices, long number, String kind, Spend spend, Set<ScriptFlag> needed) {
        Set<ScriptFlag> more = Flags.any(choices);
        more.addAll(needed);
        return new ScriptCase(
                number,
                kind,
                spend.transaction(),
                spend.shape().spent(),
                spend.shape().input(),
                List.of(
                        Flags.consensusWith(needed),
                        needed.isEmpty() ? ScriptFlag.STANDARD : ScriptFlag.CONSENSUS,
                        Flags.consistent(more),
                        Flags.anyPublic(choices)));
    }

    private ScriptCase failing(Choices choices, long number, ScriptError error) {
        Failing failing = new Failures(choices, keys).of(error);
        return of(choices, number, "failing " + error, failing.spend(), failing.flags());
    }

    /// A leaf that nobody runs, since it has an opcode that makes it valid.
    private ScriptCase success(Choices choices, long number, int opcode) {
        Shape shape = Shape.any(choices);
        Gadgets gadgets = new Gadgets(choices, Wrapper.TAPSCRIPT, shape, false, keys);
        Program program = gadgets.program(2);
        program.text().op(opcode).raw(choices.bytes(choices.below(30)));
        Draft draft = new Draft(choices, Wrapper.TAPSCRIPT, program, shape, choices.of(keys));
        return of(choices, number, "success " + Opcode.name(opcode), draft.spend(), none());
    }

    private static Set<ScriptFlag> none() {
        return EnumSet.noneOf(ScriptFlag.class);
    }

    private ScriptCase valid(Choices choices, long number) {
        boolean tidy = choices.percent(50);
        return of(choices, number, tidy ? "tidy" : "valid", valid(choices, tidy), none());
    }

    private Spend valid(Choices choices, boolean tidy) {
        Shape shape = Shape.any(choices);
        Special special = new Special(choices, keys);
        return switch (choices.below(14)) {
            case 0 -> special.keyHash(shape, false, Writing.PLAIN);
            case 1 -> special.keyHash(shape, true, Writing.PLAIN);
            case 2, 3 -> special.taprootKey(shape, Writing.PLAIN);
            case 4 -> tidy ? special.anchor(shape) : special.unknownProgram(shape, false);
            case 5 ->
                    tidy
                            ? special.keyHash(shape, false, Writing.PLAIN)
                            : special.ownSignature(shape);
            default -> scripted(choices, choices.oneOf(Wrapper.values()), shape, tidy).spend();
        };
    }

    private Draft scripted(Choices choices, Wrapper wrapper, Shape shape, boolean tidy) {
        Gadgets gadgets = new Gadgets(choices, wrapper, shape, tidy, keys);
        Draft draft = new Draft(choices, wrapper, gadgets.program(8), shape, choices.of(keys));
        draft.minimal = tidy || choices.percent(50);
        for (int depth = choices.percent(95) ? choices.below(4) : choices.between(4, 128);
                depth > 0;
                depth--) {
            draft.path.add(choices.bytes(32));
        }
        if (wrapper.isTapscript() && choices.percent(30)) {
            draft.annex = Optional.of(new Special(choices, keys).annex().toArray());
        }
        return draft;
    }

    /// Something that was valid and is changed, or opcodes as they come.
    private ScriptCase broken(Choices choices, long number) {
        if (choices.percent(60)) {
            Spend spend =
                    choices.percent(70)
                            ? valid(choices, choices.percent(50))
                            : new Failures(choices, keys).of(choices.oneOf(ERRORS)).spend();
            return of(choices, number, "changed", new Mutations(choices).mutated(spend), none());
        }
        return of(choices, number, "noise", noise(choices), none());
    }

    private Spend noise(Choices choices) {
        Shape shape = Shape.any(choices);
        Program program = new Program();
        for (int i = choices.below(6); i > 0; i--) {
            program.need(small(choices));
        }
        for (int i = choices.between(1, 40); i > 0; i--) {
            int kind = choices.below(10);
            if (kind < 4) {
                program.text().push(small(choices));
            } else if (kind < 9) {
                program.text().op(choices.between(Opcode.OP_NOP, Opcode.OP_CHECKSIGADD));
            } else {
                program.text().raw(choices.bytes(1));
            }
        }
        Wrapper wrapper = choices.oneOf(Wrapper.values());
        return new Draft(choices, wrapper, program, shape, choices.of(keys)).spend();
    }

    private byte[] small(Choices choices) {
        return switch (choices.below(4)) {
            case 0 -> choices.bytes(choices.below(6));
            case 1 -> choices.of(keys).compressed().toArray();
            case 2 -> choices.of(keys).xOnly();
            default -> ScriptText.encode(choices.between(-1, 5));
        };
    }

    /// Numbers `[from, to)`.
    List<ScriptCase> make(long from, long to) {
        List<ScriptCase> cases = new ArrayList<>();
        for (long number = from; number < to; number++) {
            cases.add(make(number));
        }
        return cases;
    }
}
