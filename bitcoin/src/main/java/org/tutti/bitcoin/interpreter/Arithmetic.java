package org.tutti.bitcoin.interpreter;

/// Opcodes that calculate. Operands have at most four bytes, so that nothing overflows.
final class Arithmetic {
    private Arithmetic() {}

    static long unary(int opcode, long a) {
        return switch (opcode) {
            case Opcode.OP_1ADD -> a + 1;
            case Opcode.OP_1SUB -> a - 1;
            case Opcode.OP_NEGATE -> -a;
            case Opcode.OP_ABS -> Math.abs(a);
            case Opcode.OP_NOT -> bit(a == 0);
            case Opcode.OP_0NOTEQUAL -> bit(a != 0);
            default -> throw new IllegalArgumentException(Opcode.name(opcode) + " takes no number");
        };
    }

    static long binary(int opcode, long a, long b) {
        return switch (opcode) {
            case Opcode.OP_ADD -> a + b;
            case Opcode.OP_SUB -> a - b;
            case Opcode.OP_BOOLAND -> bit(a != 0 && b != 0);
            case Opcode.OP_BOOLOR -> bit(a != 0 || b != 0);
            case Opcode.OP_NUMEQUAL, Opcode.OP_NUMEQUALVERIFY -> bit(a == b);
            case Opcode.OP_NUMNOTEQUAL -> bit(a != b);
            case Opcode.OP_LESSTHAN -> bit(a < b);
            case Opcode.OP_GREATERTHAN -> bit(a > b);
            case Opcode.OP_LESSTHANOREQUAL -> bit(a <= b);
            case Opcode.OP_GREATERTHANOREQUAL -> bit(a >= b);
            case Opcode.OP_MIN -> Math.min(a, b);
            case Opcode.OP_MAX -> Math.max(a, b);
            default ->
                    throw new IllegalArgumentException(Opcode.name(opcode) + " takes no numbers");
        };
    }

    private static long bit(boolean value) {
        return value ? 1 : 0;
    }
}
