package org.tutti.interop.script;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.interpreter.Opcode;

import java.util.ArrayList;
import java.util.List;

/// A script in the making, and what it needs to find on the stack.
final class Program {
    private final ScriptText text = new ScriptText();
    private final List<Argument> needs = new ArrayList<>();
    private int codeStart;
    private long separator = -1;

    ScriptText text() {
        return text;
    }

    /// The script takes this from the top of the stack next.
    void need(Argument argument) {
        needs.add(argument);
    }

    void need(byte[] bytes) {
        need(new Argument.Fixed(Bytes.of(bytes)));
    }

    void codeSeparator() {
        separator = text.instructions();
        text.op(Opcode.OP_CODESEPARATOR);
        codeStart = text.size();
    }

    /// A signature for an instruction that comes after what was written up to now.
    Argument.Signature signature(Key key, int hashType, Argument.Writing writing) {
        return new Argument.Signature(key, codeStart, separator, hashType, writing);
    }

    /// Bottom first.
    List<Argument> stack() {
        return needs.reversed();
    }
}
