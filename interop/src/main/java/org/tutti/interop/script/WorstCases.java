package org.tutti.interop.script;

import org.tutti.bitcoin.interpreter.Opcode;
import org.tutti.bitcoin.interpreter.ScriptFailure;
import org.tutti.bitcoin.interpreter.ScriptFlag;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.interop.program.LineProgram;
import org.tutti.interop.script.Argument.Writing;
import org.tutti.interop.script.Draft.Spend;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// How long the worst scripts take that a block has room for, and whether Core says the same of
/// them.
///
/// ```text
/// WorstCases PROGRAM
/// ```
public final class WorstCases {
    private static final int BLOCK = 3_990_000;

    private final Choices choices = new Choices(1);
    private final Key key = Key.numbered(0);
    private final LineProgram core;

    private WorstCases(LineProgram core) {
        this.core = core;
    }

    /// @param arguments the program of `interop/core-script`
    public static void main(String[] arguments) throws IOException {
        try (LineProgram core = new LineProgram(Path.of(arguments[0]))) {
            WorstCases cases = new WorstCases(core);
            // Twice: the first time includes that the compiler gets to know the code.
            for (int round = 1; round <= 2; round++) {
                cases.all(round);
            }
        }
    }

    private void all(int round) throws IOException {
        for (int size : new int[] {40_000, BLOCK}) {
            leaf(round, size, "OP_NOP", p -> fill(p, size, Opcode.OP_NOP));
            leaf(round, size, "OP_CODESEPARATOR", p -> fill(p, size, Opcode.OP_CODESEPARATOR));
            leaf(
                    round,
                    size,
                    "OP_DUP OP_DROP",
                    p -> {
                        p.text().op(Opcode.OP_1);
                        fill(p, size, Opcode.OP_DUP, Opcode.OP_DROP);
                        p.text().op(Opcode.OP_DROP);
                    });
            leaf(
                    round,
                    size,
                    "nested OP_IFs that run",
                    p -> {
                        fill(p, size / 3 * 2, Opcode.OP_1, Opcode.OP_IF);
                        fill(p, size / 3, Opcode.OP_ENDIF);
                    });
            leaf(
                    round,
                    size,
                    "nested OP_IFs that do not run",
                    p -> {
                        p.text().op(Opcode.OP_0);
                        fill(p, size / 2, Opcode.OP_IF);
                        fill(p, size / 2, Opcode.OP_ENDIF);
                    });
            leaf(round, size, "OP_ROLL of 990 items", p -> deep(p, size, Opcode.OP_ROLL));
            leaf(round, size, "OP_PICK of 990 items", p -> deep(p, size, Opcode.OP_PICK));
            leaf(
                    round,
                    size,
                    "pushes of 520 bytes",
                    p -> {
                        while (p.text().size() < size - 600) {
                            p.text().push(new byte[520]).op(Opcode.OP_DROP);
                        }
                    });
            for (int hash = Opcode.OP_RIPEMD160; hash <= Opcode.OP_HASH256; hash++) {
                int opcode = hash;
                leaf(
                        round,
                        size,
                        Opcode.name(hash) + " of 520 bytes",
                        p -> {
                            p.text().push(new byte[520]);
                            fill(p, size, Opcode.OP_DUP, opcode, Opcode.OP_DROP);
                            p.text().op(Opcode.OP_DROP);
                        });
            }
            leaf(round, size, "as many signatures as the budget allows", p -> signatures(p, size));
        }
        witnessV0(round);
        legacy(round);
    }

    private static void fill(Program program, int bytes, int... opcodes) {
        int end = program.text().size() + bytes;
        while (program.text().size() + opcodes.length <= end) {
            program.text().op(opcodes);
        }
    }

    private static void deep(Program program, int bytes, int opcode) {
        for (int i = 0; i < 990; i++) {
            program.text().op(Opcode.OP_1);
        }
        while (program.text().size() < bytes - 2_000) {
            program.text().number(988).op(opcode);
            if (opcode == Opcode.OP_PICK) {
                program.text().op(Opcode.OP_DROP);
            }
        }
        for (int i = 0; i < 495; i++) {
            program.text().op(Opcode.OP_2DROP);
        }
    }

    private void signatures(Program program, int bytes) {
        program.need(program.signature(key, 0x83, Writing.PLAIN));
        program.text().push(key.xOnly());
        for (int i = bytes / 50 - 20; i > 0; i--) {
            program.text().op(Opcode.OP_2DUP, Opcode.OP_CHECKSIGVERIFY);
        }
        // The rest is there to pay for them.
        while (program.text().size() < bytes - 600) {
            program.text().push(new byte[520]).op(Opcode.OP_DROP);
        }
        program.text().op(Opcode.OP_2DROP);
    }

    private void leaf(int round, int size, String what, Consumer<Program> code) throws IOException {
        Program program = new Program();
        code.accept(program);
        program.text().number(1);
        Draft draft = new Draft(choices, Wrapper.TAPSCRIPT, program, shape(1), key);
        measure(round, "leaf of " + size / 1_000 + " kB: " + what, draft.spend(), 1);
    }

    /// Version 2, no lock time, as many inputs, one output.
    private Shape shape(int inputs) {
        Shape any = Shape.any(choices);
        TxIn in = any.txIn();
        TxOut out = any.spent().getFirst();
        List<TxIn> ins = new ArrayList<>();
        List<TxOut> spent = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            ins.add(in);
            spent.add(out);
        }
        return new Shape(new Transaction(2, ins, List.of(out), LockTime.NONE), spent, 0);
    }

    /// As many inputs as a block has room for, each with a script of 10,000 bytes, nearly all of
    /// which is hashed again for each of its signatures.
    private void witnessV0(int round) throws IOException {
        int inputs = BLOCK / 10_200;
        Program program = new Program();
        program.need(key.compressed().toArray());
        program.need(invalidSignature());
        ScriptText text = program.text();
        for (int i = 0; i < 45; i++) {
            text.op(Opcode.OP_2DUP, Opcode.OP_CODESEPARATOR, Opcode.OP_CHECKSIG, Opcode.OP_DROP);
        }
        text.op(Opcode.OP_2DROP);
        for (int i = 0; i < 18; i++) {
            text.push(new byte[520]).op(Opcode.OP_DROP);
        }
        text.number(1);
        Spend first = new Draft(choices, Wrapper.P2WSH, program, shape(inputs), key).spend();
        Shape shape = first.shape();
        TxIn input = Special.input(first);
        TxOut output = shape.spent().getFirst();
        Transaction all =
                new Transaction(
                        2,
                        Collections.nCopies(inputs, input),
                        shape.transaction().outputs(),
                        LockTime.NONE);
        Shape spending = new Shape(all, Collections.nCopies(inputs, output), 0);
        String what = inputs + " inputs, each P2WSH of 10 kB with 45 signatures";
        measure(round, what, new Spend(all, spending), inputs);
    }

    /// One input of a transaction of 1 MB, which hashes all of it for each of its signatures. Every
    /// input of such a transaction could do so: that is a rule of the chain, and limited only by
    /// what older blocks could hold.
    private void legacy(int round) throws IOException {
        Program program = new Program();
        for (int i = 0; i < 90; i++) {
            program.text().pushBytes(invalidSignature()).pushBytes(key.compressed().toArray());
            program.text().op(Opcode.OP_CODESEPARATOR, Opcode.OP_CHECKSIG);
        }
        program.text().number(1);
        Draft draft = new Draft(choices, Wrapper.BARE, program, shape(24_000), key);
        measure(round, "one of 24,000 inputs, bare script with 90 signatures", draft.spend(), 1);
    }

    private static byte[] invalidSignature() {
        return Der.write(Key.N.shiftRight(2), Key.N.shiftRight(3), Writing.PLAIN, 1);
    }

    private void measure(int round, String what, Spend spend, int inputs) throws IOException {
        Transaction transaction = spend.transaction();
        List<TxOut> spent = spend.shape().spent();
        long start = System.nanoTime();
        Optional<ScriptFailure> failure =
                inputs == 1
                        ? ScriptInterpreter.verify(
                                transaction, spent, spend.shape().input(), ScriptFlag.CONSENSUS)
                        : ScriptInterpreter.verifyAll(transaction, spent, ScriptFlag.CONSENSUS);
        long millis = (System.nanoTime() - start) / 1_000_000;
        String ours = failure.map(f -> f.error().name()).orElse("OK");
        // Of many inputs the first answers for all: each question carries the whole transaction.
        String answer = core.ask(List.of(asked(what, spend))).getFirst();
        if (round == 2) {
            System.out.printf("%-72s %6d ms, %s; Core says %s%n", what, millis, ours, answer);
        }
    }

    private static String asked(String what, Spend spend) {
        return new ScriptCase(
                        0,
                        what,
                        spend.transaction(),
                        spend.shape().spent(),
                        spend.shape().input(),
                        List.of())
                .question(ScriptFlag.CONSENSUS);
    }
}
