package org.tutti.bitcoin.interpreter;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// The rules that a script is run under, by the names of Bitcoin Core's test files
/// (`SCRIPT_VERIFY_…`).
public enum ScriptFlag {
    P2SH,
    STRICTENC,
    DERSIG,
    LOW_S,
    NULLDUMMY,
    SIGPUSHONLY,
    MINIMALDATA,
    DISCOURAGE_UPGRADABLE_NOPS,
    CLEANSTACK,
    CHECKLOCKTIMEVERIFY,
    CHECKSEQUENCEVERIFY,
    WITNESS,
    DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM,
    MINIMALIF,
    NULLFAIL,
    WITNESS_PUBKEYTYPE,
    CONST_SCRIPTCODE,
    TAPROOT,
    DISCOURAGE_UPGRADABLE_TAPROOT_VERSION,
    DISCOURAGE_OP_SUCCESS,
    DISCOURAGE_UPGRADABLE_PUBKEYTYPE;

    /// What every block must obey today (Bitcoin Core `GetBlockScriptFlags`).
    public static final Set<ScriptFlag> CONSENSUS =
            Collections.unmodifiableSet(
                    EnumSet.of(
                            P2SH,
                            DERSIG,
                            NULLDUMMY,
                            CHECKLOCKTIMEVERIFY,
                            CHECKSEQUENCEVERIFY,
                            WITNESS,
                            TAPROOT));

    /// What nodes demand of a transaction before they relay it (`STANDARD_SCRIPT_VERIFY_FLAGS`).
    public static final Set<ScriptFlag> STANDARD =
            Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(SIGPUSHONLY)));
}
