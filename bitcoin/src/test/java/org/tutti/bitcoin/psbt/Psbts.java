package org.tutti.bitcoin.psbt;

/// What tests of PSBTs share.
final class Psbts {
    private Psbts() {}

    /// Asks for everything that a PSBT can tell: what was read answers without a failure of ours.
    static void readAll(Psbt psbt) {
        psbt.globalFields();
        psbt.unknownGlobalFields();
        psbt.xpubs();
        psbt.proprietary();
        psbt.inputsModifiable();
        psbt.outputsModifiable();
        psbt.hasSighashSingle();
        psbt.inputs().forEach(Psbts::readAll);
        psbt.outputs().forEach(Psbts::readAll);
    }

    private static void readAll(PsbtInput input) {
        input.outPoint();
        input.sequence();
        input.requiredHeight();
        input.requiredTime();
        input.prevout();
        input.nonWitnessUtxo();
        input.witnessUtxo();
        input.sighashTypeNumber();
        input.partialSigs();
        input.redeemScript();
        input.witnessScript();
        input.bip32Derivations();
        input.finalScriptSig();
        input.finalWitness();
        input.tapKeySig();
        input.tapScriptSigs();
        input.tapLeafScripts();
        input.tapDerivations();
        input.tapInternalKey();
        input.tapMerkleRoot();
        input.musig2Participants();
        input.musig2PubNonces();
        input.musig2PartialSigs();
        input.proprietary();
        input.fields();
        input.unknownFields();
    }

    private static void readAll(PsbtOutput output) {
        output.output();
        output.redeemScript();
        output.witnessScript();
        output.bip32Derivations();
        output.tapInternalKey();
        output.tapTree().ifPresent(tree -> tree.tree().hash());
        output.tapDerivations();
        output.musig2Participants();
        output.proprietary();
        output.fields();
        output.unknownFields();
    }
}
