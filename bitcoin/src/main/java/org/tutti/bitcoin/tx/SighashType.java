package org.tutti.bitcoin.tx;

import java.util.Optional;

/// How much of the transaction a Taproot signature covers (BIP341). Any other byte is invalid
/// there.
public enum SighashType {
    /// Everything, in a signature of 64 bytes.
    DEFAULT(0x00),
    /// Everything, in a signature of 65 bytes.
    ALL(0x01),
    /// All inputs, no output.
    NONE(0x02),
    /// All inputs, and the output of the same index.
    SINGLE(0x03),
    /// This input, all outputs.
    ALL_ANYONECANPAY(0x81),
    /// This input, no output.
    NONE_ANYONECANPAY(0x82),
    /// This input, and the output of the same index.
    SINGLE_ANYONECANPAY(0x83);

    private final int value;

    SighashType(int value) {
        this.value = value;
    }

    /// The type that a byte stands for.
    ///
    /// @param value 0 to 255
    public static Optional<SighashType> of(int value) {
        for (SighashType type : values()) {
            if (type.value == value) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /// The byte that is hashed, and appended to the signature unless it is 0.
    public int value() {
        return value;
    }

    boolean anyoneCanPay() {
        return (value & 0x80) != 0;
    }

    boolean allOutputs() {
        return (value & 3) <= 1;
    }

    boolean singleOutput() {
        return (value & 3) == 3;
    }
}
