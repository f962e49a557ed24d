package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;

/// The cases of Bitcoin Core's `script_FindAndDelete`.
class ScriptEditsTest {
    @Test
    void partsAreDeletedWhereAnInstructionStartsWithThem() {
        deletes("5152", "52", "51");
        deletes("515253 515253 515253".replace(" ", ""), "5152", "535353");
        deletes("0302ff03 0302ff03".replace(" ", ""), "0302ff03", "");
        // In the middle of a push it is not looked for.
        same("0302ff03", "ff");
        same("0302ff03", "02");
        deletes("0302ff030302ff03", "03", "02ff0302ff03");
        deletes("02feed5169", "feed51", "02feed5169");
        deletes("02feed5169", "02feed51", "69");
        deletes("516902feed5169", "feed51", "516902feed5169");
        deletes("516902feed5169", "02feed51", "516969");
        // Behind what was found, the next is looked at as an instruction.
        deletes("00005151", "0051", "0051");
        deletes("000051005151", "0051", "0051");
    }

    @Test
    void aPushOfMoreThanThereIsEndsTheSearchAndIsKept() {
        same("0003feed", "feed");
        deletes("0003feed", "03feed", "00");
        deletes("5102aa", "51", "02aa");
    }

    @Test
    void pushesTakeTheShortestLengthAndNeverANumberOpcode() {
        assertThat(ScriptEdits.push(new byte[0])).containsExactly(0);
        assertThat(ScriptEdits.push(new byte[] {1})).containsExactly(1, 1);
        assertThat(ScriptEdits.push(new byte[75])).startsWith(75).hasSize(76);
        assertThat(ScriptEdits.push(new byte[76])).startsWith(0x4c, 76).hasSize(78);
        assertThat(ScriptEdits.push(new byte[256])).startsWith(0x4d, 0, 1).hasSize(259);
        assertThat(ScriptEdits.push(new byte[65_536])).startsWith(0x4e, 0, 0, 1, 0).hasSize(65_541);
    }

    private static void same(String script, String part) {
        byte[] before = bytes(script);
        assertThat(ScriptEdits.delete(before, bytes(part))).isSameAs(before);
    }

    private static void deletes(String script, String part, String left) {
        assertThat(Bytes.wrap(ScriptEdits.delete(bytes(script), bytes(part)))).hasToString(left);
    }

    private static byte[] bytes(String hex) {
        return Bytes.fromHex(hex).toArray();
    }
}
