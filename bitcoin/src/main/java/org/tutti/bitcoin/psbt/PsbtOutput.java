package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.psbt.Fields.Out;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.XOnlyPublicKey;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// One output of a PSBT, and what signers need to know to see whose it is.
///
/// Immutable: each `with…` returns an output that has the field, in place of the one of the same
/// key if there was one. Nothing says that what the fields tell is the script's: whoever relies on
/// it makes the script from it. Safe for threads.
public final class PsbtOutput {
    private static final List<FieldType<?, ?>> ONLY_IN_VERSION_2 = List.of(Out.AMOUNT, Out.SCRIPT);

    private final int version;
    private final TxOut output;
    private final PsbtMap map;

    private PsbtOutput(int version, TxOut output, PsbtMap map) {
        this.version = version;
        this.output = output;
        this.map = map;
    }

    /// An output of version 0.
    ///
    /// @param map checked
    static PsbtOutput version0(TxOut output, PsbtMap map) {
        return new PsbtOutput(0, output, map);
    }

    /// An output of version 2.
    ///
    /// @param map checked
    static PsbtOutput version2(PsbtMap map) {
        TxOut output =
                new TxOut(map.get(Out.AMOUNT).orElseThrow(), map.get(Out.SCRIPT).orElseThrow());
        return new PsbtOutput(2, output, map);
    }

    /// An output of version 2 with nothing but what it pays.
    static PsbtOutput paying(TxOut output) {
        return version2(withOutput(PsbtMap.empty(Out.ALL), output));
    }

    private static PsbtMap withOutput(PsbtMap map, TxOut output) {
        return map.with(Out.AMOUNT, output.value()).with(Out.SCRIPT, output.scriptPubKey());
    }

    /// Amount and script.
    public TxOut output() {
        return output;
    }

    public Optional<Script> redeemScript() {
        return map.get(Out.REDEEM_SCRIPT);
    }

    public Optional<Script> witnessScript() {
        return map.get(Out.WITNESS_SCRIPT);
    }

    /// Where the keys of ECDSA come from, by public key, 33 or 65 bytes.
    public Map<Bytes, KeyOrigin> bip32Derivations() {
        return map.all(Out.BIP32_DERIVATION);
    }

    /// The key before the tweak.
    public Optional<XOnlyPublicKey> tapInternalKey() {
        return map.get(Out.TAP_INTERNAL_KEY);
    }

    /// The script tree, where there is one.
    public Optional<TapTreeLeaves> tapTree() {
        return map.get(Out.TAP_TREE);
    }

    /// How the keys of the output are derived: the output key, the internal key, those in leaves,
    /// and, of MuSig2, the participants' and the aggregate's descendants (BIP373).
    public Map<XOnlyPublicKey, TapDerivation> tapDerivations() {
        return map.all(Out.TAP_BIP32_DERIVATION);
    }

    /// Participants by their aggregate key, in the order in which they are aggregated. Nothing says
    /// that it is their aggregate: [org.tutti.musig.musig.KeyAggContext] does.
    public Map<PublicKey, List<PublicKey>> musig2Participants() {
        return map.all(Out.MUSIG2_PARTICIPANT_PUBKEYS);
    }

    /// Fields whose meaning their users define.
    public Map<Proprietary, Bytes> proprietary() {
        return map.all(Out.PROPRIETARY);
    }

    /// All fields, in their order.
    public List<PsbtField> fields() {
        return map.fields();
    }

    /// Fields of types that are not known here; they are kept.
    public List<PsbtField> unknownFields() {
        return map.unknown();
    }

    public PsbtOutput withTapInternalKey(XOnlyPublicKey key) {
        return with(map.with(Out.TAP_INTERNAL_KEY, key));
    }

    public PsbtOutput withTapTree(TapTreeLeaves leaves) {
        return with(map.with(Out.TAP_TREE, leaves));
    }

    public PsbtOutput withTapDerivation(XOnlyPublicKey key, TapDerivation derivation) {
        return with(map.with(Out.TAP_BIP32_DERIVATION, key, derivation));
    }

    /// @param participants in the order in which they are aggregated, sorted if they are sorted
    ///   then
    /// @throws IllegalArgumentException for none, or more than an aggregate has
    public PsbtOutput withMusig2Participants(PublicKey aggregate, List<PublicKey> participants) {
        Codecs.requireParticipants(participants);
        return with(map.with(Out.MUSIG2_PARTICIPANT_PUBKEYS, aggregate, participants));
    }

    /// Any field, known or not, in place of the one of the same key.
    ///
    /// @throws PsbtException FORBIDDEN_FIELD, BAD_KEY or BAD_VALUE if it is not what its type says
    /// @throws IllegalArgumentException for amount and script: another output is another one
    public PsbtOutput withField(PsbtField field) throws PsbtException {
        if (version == 2
                && (field.type() == Out.AMOUNT.type() || field.type() == Out.SCRIPT.type())) {
            throw new IllegalArgumentException("what an output pays does not change");
        }
        return with(map.with(field, version));
    }

    private PsbtOutput with(PsbtMap changed) {
        return new PsbtOutput(version, output, changed);
    }

    PsbtOutput asVersion2() {
        return version == 2 ? this : new PsbtOutput(2, output, withOutput(map, output));
    }

    PsbtOutput asVersion0() {
        return new PsbtOutput(0, output, map.without(ONLY_IN_VERSION_2));
    }

    /// All that both know.
    PsbtOutput union(PsbtOutput other, String place) throws PsbtException {
        try {
            return with(map.union(other.map));
        } catch (PsbtException e) {
            throw e.in(place);
        }
    }

    PsbtMap map() {
        return map;
    }

    /// Whether both pay the same, in the same version of the format.
    boolean isSameOutput(PsbtOutput other) {
        return version == other.version && output.equals(other.output);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PsbtOutput that && isSameOutput(that) && map.equals(that.map);
    }

    @Override
    public int hashCode() {
        return Objects.hash(output, map);
    }

    @Override
    public String toString() {
        return output + " with " + map.size() + " fields";
    }
}
