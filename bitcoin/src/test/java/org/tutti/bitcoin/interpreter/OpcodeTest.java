package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OpcodeTest {
    @Test
    void opcodesHaveCoresNames() {
        assertThat(Opcode.name(0)).isEqualTo("OP_0");
        assertThat(Opcode.name(75)).isEqualTo("PUSH_75");
        assertThat(Opcode.name(0x4c)).isEqualTo("OP_PUSHDATA1");
        assertThat(Opcode.name(0x50)).isEqualTo("OP_RESERVED");
        assertThat(Opcode.name(0x5a)).isEqualTo("OP_10");
        assertThat(Opcode.name(Opcode.OP_NOP)).isEqualTo("OP_NOP");
        assertThat(Opcode.name(Opcode.OP_CHECKSIG)).isEqualTo("OP_CHECKSIG");
        assertThat(Opcode.name(Opcode.OP_CHECKSIGADD)).isEqualTo("OP_CHECKSIGADD");
        assertThat(Opcode.name(0xbb)).isEqualTo("OP_UNKNOWN_187");
    }

    @Test
    void everyDisabledOpcodeBecameASuccessInTapscript() {
        int disabled = 0;
        int success = 0;
        for (int opcode = 0; opcode < 256; opcode++) {
            if (Opcode.isDisabled(opcode)) {
                disabled++;
                assertThat(Opcode.isSuccess(opcode)).as(Opcode.name(opcode)).isTrue();
            }
            success += Opcode.isSuccess(opcode) ? 1 : 0;
        }
        assertThat(disabled).isEqualTo(15);
        assertThat(success).isEqualTo(87);
        assertThat(Opcode.isSuccess(255)).isFalse();
        assertThat(Opcode.isSuccess(Opcode.OP_CHECKSIGADD)).isFalse();
    }
}
