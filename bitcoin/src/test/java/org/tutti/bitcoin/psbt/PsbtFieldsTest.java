package org.tutti.bitcoin.psbt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tutti.bitcoin.psbt.Psbts.assertRefused;
import static org.tutti.bitcoin.psbt.Psbts.publicKey;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.psbt.PsbtException.Code;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.musig.keys.Hash160;
import org.tutti.musig.keys.Ripemd160;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The form of each field: one that is right, and what is wrong with others.
class PsbtFieldsTest {
    private static final int GLOBAL = 0;
    private static final int INPUT = 1;
    private static final int OUTPUT = 2;

    private static final Psbt PSBT = Psbts.psbt(1, 1);

    private static final String KEY = publicKey(1).bytes().toHex();
    private static final String OTHER_KEY = publicKey(2).bytes().toHex();
    private static final String X_ONLY = KEY.substring(2);

    /// No point has this x.
    private static final String NO_POINT = "00".repeat(31) + "05";

    private static final String HASH = "ab".repeat(32);
    private static final String ORIGIN = "d34db33f" + "56000080" + "01000000";
    private static final String SIGNATURE = "01".repeat(64);
    private static final String NONCE = KEY + OTHER_KEY;
    private static final String GROUP_ORDER =
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    private static final String PREIMAGE = "c0ffee";

    /// 0488b21e, depth 2, fingerprint, number, chain code, key.
    private static final String XPUB =
            "0488b21e" + "02" + "d34db33f" + "00000000" + "cc".repeat(32) + KEY;

    /// One type: what is right, then keys and values that are wrong.
    private record Form(
            int map,
            long type,
            String key,
            String value,
            List<String> badKeys,
            List<String> badValues) {}

    private static Form single(int map, long type, String value, String... bad) {
        return new Form(map, type, "", value, List.of("00"), List.of(bad));
    }

    private static Form many(
            int map, long type, String key, String value, List<String> badKeys, String... bad) {
        return new Form(map, type, key, value, badKeys, List.of(bad));
    }

    private static List<String> badPlainKeys() {
        return List.of(
                "", X_ONLY, KEY + "00", "05" + X_ONLY, "02" + NO_POINT, "05" + "11".repeat(64));
    }

    private static List<String> badXOnlyKeys() {
        return List.of("", KEY, X_ONLY.substring(2), NO_POINT);
    }

    private static List<Form> forms() {
        Bytes image = Bytes.fromHex(PREIMAGE);
        String musig2Key = KEY + OTHER_KEY;
        List<String> badMusig2Keys =
                List.of(
                        "",
                        KEY,
                        X_ONLY + KEY,
                        KEY + X_ONLY,
                        musig2Key + HASH.substring(2),
                        musig2Key + HASH + "00",
                        "02" + NO_POINT + KEY,
                        KEY + "02" + NO_POINT);
        String[] badOrigins = {"", "d34db3", ORIGIN + "00", "d34db33f" + "00000000".repeat(256)};
        String[] badTapOrigins = {
            "",
            "d34db33f",
            "01" + HASH.substring(2) + ORIGIN,
            "ff" + "00".repeat(7) + "80" + ORIGIN,
            "00d34db3",
            "00" + ORIGIN + "00"
        };
        String[] badParticipants = {"", X_ONLY, KEY + X_ONLY, KEY + "02" + NO_POINT, KEY + "00"};
        return List.of(
                many(
                        GLOBAL,
                        0x01,
                        XPUB,
                        ORIGIN,
                        List.of("", XPUB + "00", XPUB.substring(2), XPUB.replace(X_ONLY, NO_POINT)),
                        // Two steps for a depth of two.
                        ORIGIN + "00000000",
                        "d34db33f" + "00000000",
                        "d34db3"),
                single(GLOBAL, 0x02, "02000000", "", "020000", "0200000000"),
                single(GLOBAL, 0x03, "02000000", "", "020000", "0200000000"),
                single(GLOBAL, 0x04, "01", "", "fd0100", "0100"),
                single(GLOBAL, 0x05, "01", "", "fd0100", "0100"),
                single(GLOBAL, 0x06, "03", "", "0300"),
                many(GLOBAL, 0xfc, "00" + "00", "", List.of("", "01", "0141", "0141fd0100", "ff")),
                single(
                        INPUT,
                        0x01,
                        utxo(1000),
                        "",
                        utxo(1000) + "00",
                        utxo(2_100_000_000_000_001L)),
                many(INPUT, 0x02, KEY, "3006", badPlainKeys()),
                many(INPUT, 0x02, "04" + "11".repeat(64), "3006", badPlainKeys()),
                single(INPUT, 0x03, "01000000", "", "01", "0100000000"),
                single(INPUT, 0x04, "51"),
                single(INPUT, 0x05, "51"),
                many(INPUT, 0x06, KEY, ORIGIN, badPlainKeys(), badOrigins),
                single(INPUT, 0x07, "51"),
                single(INPUT, 0x08, "0201aa00", "", "0201aa", "0201aa0000", "ffffffffffffffff7f"),
                preimage(0x0a, Bytes.wrap(Ripemd160.of(image.toArray()))),
                preimage(0x0b, Bytes.wrap(Sha256.single(image.toArray()))),
                preimage(0x0c, Hash160.of(image)),
                preimage(0x0d, Bytes.wrap(Sha256.twice(image.toArray()))),
                single(INPUT, 0x0e, HASH, "", HASH + "00", HASH.substring(2)),
                single(INPUT, 0x0f, "00000000", "", "000000", "0000000000"),
                single(INPUT, 0x10, "fdffffff", "", "fdffff", "fdffffff00"),
                single(INPUT, 0x11, "0065cd1d", "ff64cd1d", "0065cd", "0065cd1d00"),
                single(INPUT, 0x12, "ff64cd1d", "0065cd1d", "00000000", "010000", "0100000000"),
                single(
                        INPUT,
                        0x13,
                        SIGNATURE + "83",
                        SIGNATURE.substring(2),
                        SIGNATURE + "00",
                        SIGNATURE + "04",
                        SIGNATURE + "80",
                        SIGNATURE + "0101"),
                many(
                        INPUT,
                        0x14,
                        X_ONLY + HASH,
                        SIGNATURE,
                        List.of("", X_ONLY, KEY + HASH, X_ONLY + HASH + "00", NO_POINT + HASH),
                        SIGNATURE + "00",
                        SIGNATURE.substring(2)),
                many(
                        INPUT,
                        0x15,
                        "c0" + X_ONLY + HASH,
                        "51c0",
                        List.of(
                                "",
                                "c0",
                                X_ONLY,
                                "c0" + X_ONLY + "00",
                                "c0" + X_ONLY + HASH.repeat(129)),
                        "",
                        "51c1"),
                many(INPUT, 0x16, X_ONLY, "00" + ORIGIN, badXOnlyKeys(), badTapOrigins),
                single(INPUT, 0x17, X_ONLY, "", KEY, NO_POINT),
                single(INPUT, 0x18, HASH, "", HASH + "00"),
                many(INPUT, 0x1a, KEY, KEY + OTHER_KEY, badPlainKeys(), badParticipants),
                many(INPUT, 0x1b, musig2Key, NONCE, badMusig2Keys, "", NONCE + "00", nonce()),
                many(INPUT, 0x1b, musig2Key + HASH, NONCE, badMusig2Keys, "", KEY),
                many(
                        INPUT,
                        0x1c,
                        musig2Key + HASH,
                        HASH,
                        badMusig2Keys,
                        "",
                        HASH + "00",
                        GROUP_ORDER),
                many(INPUT, 0xfc, "0141" + "fdfd00" + "77", "aa", List.of("", "0141", "0241")),
                single(OUTPUT, 0x00, "51"),
                single(OUTPUT, 0x01, "51"),
                many(OUTPUT, 0x02, KEY, ORIGIN, badPlainKeys(), badOrigins),
                single(
                        OUTPUT,
                        0x03,
                        "0040075af0750700",
                        "0140075af0750700",
                        "ffffffffffffffff",
                        "00",
                        "000000000000000000"),
                single(OUTPUT, 0x04, "51"),
                single(OUTPUT, 0x05, X_ONLY, "", KEY, NO_POINT),
                single(
                        OUTPUT,
                        0x06,
                        "01c00151" + "02c00152" + "02c00153",
                        "",
                        "01c00151",
                        "01c00151" + "02c00152",
                        "01c00151" + "01c00151" + "01c00151",
                        "02c00151" + "01c00152" + "02c00153",
                        "00c00151" + "00c00151",
                        "02c00151" + "00c00151",
                        "00c10151",
                        "00c00251",
                        "00c0",
                        chain(129)),
                many(OUTPUT, 0x07, X_ONLY, "01" + HASH + ORIGIN, badXOnlyKeys(), badTapOrigins),
                many(OUTPUT, 0x08, KEY, KEY + OTHER_KEY, badPlainKeys(), badParticipants),
                many(OUTPUT, 0xfc, "0141" + "03" + "77", "aa", List.of("", "0141", "0241")));
    }

    private static String utxo(long satoshis) {
        String script = Psbts.alices(0).scriptPubKey().toHex();
        return new WireWriter().i64(satoshis).toBytes().toHex() + "22" + script;
    }

    /// Two encodings; one of them is not a point of the curve.
    private static String nonce() {
        return KEY + "02" + NO_POINT;
    }

    private static Form preimage(long type, Bytes hash) {
        return many(
                INPUT,
                type,
                hash.toHex(),
                PREIMAGE,
                List.of("", hash.toHex() + "00", hash.slice(1, hash.length()).toHex()),
                "",
                PREIMAGE + "00");
    }

    /// The leaves of a tree whose branches all have a leaf on the left: one at each depth, and a
    /// second one at the last.
    private static String chain(int depth) {
        StringBuilder leaves = new StringBuilder();
        for (int i = 1; i <= depth; i++) {
            leaves.append("%02xc00151".formatted(i));
        }
        return leaves + "%02xc00151".formatted(depth);
    }

    private static PsbtField field(Form form, String key, String value) {
        return Psbts.field(form.type(), key, value);
    }

    @Test
    void eachFormIsReadAndWrittenAndItsMistakesAreRefused() throws Exception {
        for (Form form : forms()) {
            PsbtField right = field(form, form.key(), form.value());
            byte[] bytes = Psbts.with(PSBT, form.map(), right);
            Psbt read = Psbt.parse(bytes);
            assertThat(read.serialize()).as(form.toString()).isEqualTo(Bytes.wrap(bytes));
            Psbts.readAll(read);
            for (String key : form.badKeys()) {
                assertRefused(
                        Code.BAD_KEY,
                        () ->
                                Psbt.parse(
                                        Psbts.with(
                                                PSBT, form.map(), field(form, key, form.value()))));
            }
            for (String value : form.badValues()) {
                assertRefused(
                        Code.BAD_VALUE,
                        () ->
                                Psbt.parse(
                                        Psbts.with(
                                                PSBT, form.map(), field(form, form.key(), value))));
            }
        }
    }

    /// A type that the table has and this test has not would be one that nobody tried.
    @Test
    void eachTypeOfTheTablesHasAForm() {
        assertThat(types(GLOBAL)).containsAll(without(Fields.Global.ALL.keySet(), 0x00, 0xfb));
        assertThat(types(INPUT)).containsAll(without(Fields.In.ALL.keySet(), 0x00));
        assertThat(types(OUTPUT)).containsAll(Fields.Out.ALL.keySet());
    }

    private static List<Long> types(int map) {
        return forms().stream().filter(form -> form.map() == map).map(Form::type).toList();
    }

    private static List<Long> without(Iterable<Long> types, long... left) {
        List<Long> rest = new ArrayList<>();
        types.forEach(rest::add);
        for (long type : left) {
            rest.remove(type);
        }
        return rest;
    }

    @Test
    void aFieldThatIsSetIsHeldAgainstTheSameTable() throws Exception {
        for (Form form : forms()) {
            if (form.map() != INPUT || form.type() == 0x0e || form.type() == 0x0f) {
                continue;
            }
            PsbtInput input = PSBT.inputs().getFirst();
            PsbtField right = field(form, form.key(), form.value());
            if (form.type() != 0x01) {
                assertThat(input.withField(right).fields()).contains(right);
            }
            for (String value : form.badValues()) {
                assertRefused(
                        Code.BAD_VALUE, () -> input.withField(field(form, form.key(), value)));
            }
        }
    }

    @Test
    void asManyLeavesAsAreAllowedAreReadAndOneMoreIsRefused() throws Exception {
        // A full tree of 8192 leaves, all 13 deep.
        String most = "0dc000".repeat(TapTreeLeaves.MAX_LEAVES);
        Psbt read = Psbt.parse(Psbts.with(PSBT, OUTPUT, Psbts.field(0x06, "", most)));
        assertThat(read.outputs().getFirst().tapTree().orElseThrow().leaves())
                .hasSize(TapTreeLeaves.MAX_LEAVES);
        // One of them a branch with two more.
        String more = "0dc000".repeat(TapTreeLeaves.MAX_LEAVES - 1) + "0ec000".repeat(2);
        assertRefused(
                Code.BAD_VALUE,
                () -> Psbt.parse(Psbts.with(PSBT, OUTPUT, Psbts.field(0x06, "", more))));
    }

    @Test
    void aTreeAsDeepAsConsensusAcceptsIsRead() throws Exception {
        byte[] bytes = Psbts.with(PSBT, OUTPUT, Psbts.field(0x06, "", chain(128)));
        assertThat(Psbt.parse(bytes).outputs().getFirst().tapTree()).isPresent();
    }

    @Test
    void asManyParticipantsAsAnAggregateMayHaveAreReadAndOneMoreIsRefused() throws Exception {
        String most = KEY.repeat(4096);
        byte[] bytes = Psbts.with(PSBT, INPUT, Psbts.field(0x1a, KEY, most));
        assertThat(Psbt.parse(bytes).inputs().getFirst().musig2Participants().get(publicKey(1)))
                .hasSize(4096);
        assertRefused(
                Code.BAD_VALUE,
                () -> Psbt.parse(Psbts.with(PSBT, INPUT, Psbts.field(0x1a, KEY, most + KEY))));
    }

    @Test
    void aPathOf255StepsIsRead() throws Exception {
        String longest = "d34db33f" + "00000000".repeat(255);
        byte[] bytes = Psbts.with(PSBT, INPUT, Psbts.field(0x06, KEY, longest));
        Map<Bytes, KeyOrigin> read = Psbt.parse(bytes).inputs().getFirst().bip32Derivations();
        assertThat(read.values())
                .singleElement()
                .extracting(o -> o.path().steps().size())
                .isEqualTo(255);
    }

    @Test
    void theTransactionOfAPrevoutIsTheOneThatIsSpent() throws Exception {
        Transaction paying =
                new Transaction(
                        2,
                        Psbts.transaction(1, 0).inputs(),
                        List.of(Psbts.alices(1), Psbts.alices(2)),
                        LockTime.NONE);
        PsbtField whole = new PsbtField(0x00, Bytes.EMPTY, paying.serialize());
        PsbtField txid = new PsbtField(0x0e, Bytes.EMPTY, paying.txid().bytes());

        // Whatever else is right, the transaction is another one.
        assertRefused(Code.OTHER_PREVOUT, () -> Psbt.parse(changed(whole)));
        PsbtInput spending =
                Psbt.parse(changed(whole, txid, index(1), Psbts.prevout(Psbts.alices(2))))
                        .inputs()
                        .getFirst();
        assertThat(spending.prevout()).contains(Psbts.alices(2));
        assertThat(spending.nonWitnessUtxo()).contains(paying);
        // The other output of the two.
        assertRefused(
                Code.OTHER_PREVOUT,
                () -> Psbt.parse(changed(whole, txid, index(0), Psbts.prevout(Psbts.alices(2)))));
        for (long vout : new long[] {2, 0x7fff_ffffL, 0xffff_ffffL}) {
            assertRefused(
                    Code.OTHER_PREVOUT,
                    () ->
                            Psbt.parse(
                                    changed(
                                            whole,
                                            txid,
                                            index(vout),
                                            Psbts.prevout(Psbts.alices(2)))));
        }
        assertRefused(
                Code.OTHER_PREVOUT,
                () ->
                        Psbt.parse(
                                Psbts.with(
                                        PSBT,
                                        INPUT,
                                        new PsbtField(
                                                0x00,
                                                Bytes.EMPTY,
                                                Psbts.transaction(2, 2).serialize()))));
        assertRefused(
                Code.BAD_VALUE,
                () ->
                        Psbt.parse(
                                changed(
                                        new PsbtField(
                                                0x00,
                                                Bytes.EMPTY,
                                                Bytes.concat(
                                                        paying.serialize(), Bytes.fromHex("00"))),
                                        txid)));
    }

    private static PsbtField index(long vout) {
        return new PsbtField(0x0f, Bytes.EMPTY, new WireWriter().u32(vout).toBytes());
    }

    private static byte[] changed(PsbtField... fields) {
        List<List<PsbtField>> maps = Psbts.maps(PSBT);
        for (PsbtField field : fields) {
            maps.get(INPUT).removeIf(each -> each.type() == field.type());
            maps.get(INPUT).add(field);
        }
        return Psbts.write(maps);
    }

    @Test
    void aTransactionOfVersion0IsWithoutScripts() throws Exception {
        Psbt older = PSBT.asVersion0();
        Stream.of(
                        // The script of its only input has a byte.
                        older.globalFields()
                                .getFirst()
                                .value()
                                .toHex()
                                .replace("00fdffffff", "0151fdffffff"),
                        "",
                        older.globalFields().getFirst().value().toHex() + "00")
                .forEach(value ->
                        assertRefused(
                                Code.BAD_VALUE,
                                () ->
                                        Psbt.parse(
                                                Psbts.with(
                                                        older,
                                                        GLOBAL,
                                                        Psbts.field(0x00, "", value)))));
    }
}
