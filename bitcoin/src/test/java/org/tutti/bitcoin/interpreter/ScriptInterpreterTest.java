package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class ScriptInterpreterTest {
    private final List<String> ran = new ArrayList<>();

    private Optional<ScriptFailure> run(
            String scriptPubKey, String scriptSig, Set<ScriptFlag> flags) {
        TxIn input =
                new TxIn(
                        new OutPoint(Txid.ZERO, 0),
                        Script.of(CoreAssembler.assemble(scriptSig)),
                        Sequence.ZERO,
                        List.of());
        Transaction transaction =
                new Transaction(
                        2,
                        List.of(input),
                        List.of(new TxOut(Sat.ZERO, Script.EMPTY)),
                        LockTime.NONE);
        TxOut prevout = new TxOut(Sat.of(1), Script.of(CoreAssembler.assemble(scriptPubKey)));
        return ScriptInterpreter.verify(
                transaction, List.of(prevout), 0, flags, opcode -> ran.add(Opcode.name(opcode)));
    }

    @Test
    void aFailureNamesCoresErrorAndSaysWhatItMeans() {
        ScriptFailure failure = run("1 EQUALVERIFY 1", "2", ScriptFlag.STANDARD).orElseThrow();
        assertThat(failure.inputIndex()).isZero();
        assertThat(failure.error()).isEqualTo(ScriptError.EQUALVERIFY);
        assertThat(failure.reason())
                .isEqualTo("EQUALVERIFY (Script failed an OP_EQUALVERIFY operation)");
        assertThat(failure).hasToString("input 0: " + failure.reason());
    }

    @Test
    void onlyOpcodesThatAreRunAreTold() {
        assertThat(run("IF DUP 0x01 0x07 DROP ELSE HASH160 ENDIF", "5 1", Set.of())).isEmpty();
        assertThat(ran)
                .containsExactly(
                        "OP_5",
                        "OP_1",
                        "OP_IF",
                        "OP_DUP",
                        "PUSH_1",
                        "OP_DROP",
                        "OP_ELSE",
                        "OP_ENDIF");
    }

    @Test
    void flagsThatCoreHasNoAnswerForAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run("1", "", EnumSet.of(ScriptFlag.WITNESS)))
                .withMessage("WITNESS needs P2SH");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run("1", "", EnumSet.of(ScriptFlag.CLEANSTACK, ScriptFlag.P2SH)))
                .withMessage("CLEANSTACK needs WITNESS");
    }

    @Test
    void errorsAreWordsForPeopleAndNeverTheSameOnes() {
        assertThat(EnumSet.allOf(ScriptError.class))
                .extracting(ScriptError::text)
                .doesNotHaveDuplicates()
                .allSatisfy(text -> assertThat(text).isNotBlank());
    }
}
