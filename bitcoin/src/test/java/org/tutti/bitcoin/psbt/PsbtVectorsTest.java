package org.tutti.bitcoin.psbt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Every case of every file in `vectors/psbt`: those of BIP174, BIP370, BIP371 and BIP373, Bitcoin
/// Core's, and one of a hardware signer's.
class PsbtVectorsTest {
    private static final String FOLDER = "psbt";
    private static final String OF_BIPS = "_psbt_vectors.json";
    private static final String OF_CORE = "rpc_psbt.json";
    private static final Pattern LOCK_TIME = Pattern.compile("computed to be (\\d+):");

    @Test
    void everyFileIsRead() {
        for (String file : Vectors.files(FOLDER, "")) {
            assertThat(file)
                    .satisfiesAnyOf(
                            name -> assertThat(name).endsWith(OF_BIPS),
                            name -> assertThat(name).endsWith(OF_CORE),
                            name -> assertThat(name).endsWith(".psbt"),
                            name -> assertThat(name).endsWith("SOURCES.md"));
        }
    }

    @Test
    void everyCaseOfTheBipsIsReadOrRefusedAsItsSectionSays() throws Exception {
        for (String file : Vectors.files(FOLDER, OF_BIPS)) {
            int read = 0;
            int refused = 0;
            for (JsonNode each : Vectors.json(file).get("cases")) {
                String section = each.get("section").asString();
                String name = file + ": " + section + " " + each.get("case");
                if (each.has("context")) {
                    continue;
                }
                if (section.contains("transaction extractor")) {
                    Transaction.parse(Vectors.hex(each.get("hex")));
                    continue;
                }
                byte[] bytes = Vectors.hex(each.get("hex")).toArray();
                String base64 = each.get("base64").asString();
                assertThat(Base64.getEncoder().encodeToString(bytes)).as(name).isEqualTo(base64);
                if (section.contains("invalid")) {
                    assertThatThrownBy(() -> Psbt.parse(bytes))
                            .as(name)
                            .isInstanceOf(PsbtException.class);
                    refused++;
                } else {
                    assertIsReadAndWritten(name, base64);
                    read++;
                }
            }
            assertThat(read).as(file).isPositive();
            assertThat(refused).as(file).isPositive();
        }
    }

    /// BIP370: what the lock time is, or that there is none.
    @Test
    void lockTimesAreDeterminedAsBip370Says() throws Exception {
        int determined = 0;
        int impossible = 0;
        for (JsonNode each : Vectors.json(FOLDER + "/bip370_psbt_vectors.json").get("cases")) {
            String section = each.get("section").asString();
            Matcher expected = LOCK_TIME.matcher(section);
            if (expected.find()) {
                Psbt psbt = Psbt.parseBase64(each.get("base64").asString());
                LockTime lockTime = LockTime.of(Long.parseLong(expected.group(1)));
                assertThat(psbt.lockTime()).as(each.get("case").asString()).isEqualTo(lockTime);
                assertThat(psbt.unsignedTransaction().lockTime()).isEqualTo(lockTime);
                assertThat(psbt.asVersion0().unsignedTransaction())
                        .isEqualTo(psbt.unsignedTransaction());
                determined++;
            } else if (section.contains("cannot be computed")) {
                Psbt psbt = Psbt.parseBase64(each.get("base64").asString());
                assertThatThrownBy(psbt::unsignedTransaction)
                        .isInstanceOfSatisfying(
                                PsbtException.class,
                                e ->
                                        assertThat(e.code())
                                                .isEqualTo(PsbtException.Code.NO_LOCK_TIME));
                impossible++;
            }
        }
        assertThat(determined).isPositive();
        assertThat(impossible).isPositive();
    }

    @Test
    void everyCaseOfBitcoinCoreIsReadOrRefusedAndItsRolesAreOurs() throws Exception {
        for (String file : Vectors.files(FOLDER, OF_CORE)) {
            for (var kind : Vectors.json(file).properties()) {
                assertThat(kind.getValue().size()).as(kind.getKey()).isPositive();
                for (JsonNode each : kind.getValue()) {
                    coreCase(kind.getKey(), each);
                }
            }
        }
    }

    private static void coreCase(String kind, JsonNode each) throws Exception {
        switch (kind) {
            case "invalid" -> assertRefused(each.asString());
            case "invalid_with_msg" -> assertRefused(each.get(0).asString());
            case "valid" -> assertIsReadAndWritten(kind, each.asString());
            case "creator" -> creator(each);
            case "signer" -> {
                assertIsReadAndWritten(kind, each.get("psbt").asString());
                assertIsReadAndWritten(kind, each.get("result").asString());
            }
            case "combiner" -> combiner(each);
            case "finalizer" -> {
                assertIsReadAndWritten(kind, each.get("finalize").asString());
                assertIsReadAndWritten(kind, each.get("result").asString());
            }
            case "extractor" ->
                    assertThat(
                                    Psbt.parseBase64(each.get("extract").asString())
                                            .extract()
                                            .serialize())
                            .isEqualTo(Vectors.hex(each.get("result")));
            default -> throw new AssertionError("a kind of case that nobody tests: " + kind);
        }
    }

    private static void assertRefused(String base64) {
        assertThatThrownBy(() -> Psbt.parseBase64(base64))
                .as(base64)
                .isInstanceOf(PsbtException.class);
    }

    private static void creator(JsonNode each) throws Exception {
        List<TxIn> inputs = new ArrayList<>();
        for (JsonNode input : each.get("inputs")) {
            Txid txid = Txid.fromDisplayHex(input.get("txid").asString());
            inputs.add(
                    TxIn.unsigned(new OutPoint(txid, input.get("vout").asLong()), Sequence.FINAL));
        }
        List<TxOut> outputs = new ArrayList<>();
        for (JsonNode output : each.get("outputs")) {
            var pair = output.properties().iterator().next();
            outputs.add(
                    new TxOut(
                            Sat.of(
                                    pair.getValue()
                                            .decimalValue()
                                            .movePointRight(8)
                                            .longValueExact()),
                            Address.parse(pair.getKey(), Network.REGTEST).scriptPubKey()));
        }
        Transaction transaction = new Transaction(2, inputs, outputs, LockTime.NONE);
        Psbt created = Psbt.parseBase64(each.get("result").asString());
        assertThat(created.unsignedTransaction()).isEqualTo(transaction);
        assertThat(created.inputsWithoutPrevout()).hasSize(inputs.size());
        assertThat(created.asVersion2().asVersion0()).isEqualTo(created);
    }

    private static void combiner(JsonNode each) throws Exception {
        List<Psbt> parts = new ArrayList<>();
        for (JsonNode part : each.get("combine")) {
            try {
                parts.add(Psbt.parseBase64(part.asString()));
            } catch (PsbtException e) {
                // One case is older than BIP370, whose types are unknown to it and to this Bitcoin
                // Core; the same case stands in BIP174 with others.
                assertThat(e).hasMessageContaining("version 0 with PSBT_IN_OUTPUT_INDEX");
                assertThat(e.code()).isEqualTo(PsbtException.Code.FORBIDDEN_FIELD);
                return;
            }
        }
        Psbt forwards = parts.getFirst();
        Psbt backwards = parts.getLast();
        for (int i = 0; i < parts.size(); i++) {
            forwards = forwards.combine(parts.get(i));
            backwards = backwards.combine(parts.get(parts.size() - 1 - i));
        }
        Psbt expected = Psbt.parseBase64(each.get("result").asString());
        assertThat(forwards).isEqualTo(sorted(expected));
        assertThat(backwards).isEqualTo(forwards);
    }

    /// Bitcoin Core orders some fields by hashes of their keys; we sort all.
    private static Psbt sorted(Psbt psbt) throws Exception {
        return psbt.combine(psbt);
    }

    /// Two of BIP174's cases make the next one.
    @Test
    void theCombinersOfBip174MakeWhatTheyMust() throws Exception {
        List<Psbt> before = new ArrayList<>();
        int combined = 0;
        for (JsonNode each : Vectors.json(FOLDER + "/bip174_psbt_vectors.json").get("cases")) {
            String section = each.get("section").asString();
            if (section.contains("invalid") || !each.has("base64")) {
                continue;
            }
            Psbt psbt = Psbt.parseBase64(each.get("base64").asString());
            boolean isSorted = section.contains("orders keys lexicographically");
            if (isSorted || section.contains("a combiner must create")) {
                Psbt one = before.get(before.size() - 2);
                Psbt other = before.getLast();
                assertThat(one.combine(other)).isEqualTo(isSorted ? psbt : sorted(psbt));
                assertThat(other.combine(one)).isEqualTo(one.combine(other));
                combined++;
            }
            before.add(psbt);
        }
        assertThat(combined).isEqualTo(2);
    }

    @Test
    void aHardwareSignersPsbtIsReadAndWritten() throws Exception {
        for (String file : Vectors.files(FOLDER, ".psbt")) {
            assertIsReadAndWritten(file, Vectors.text(file).strip());
        }
    }

    private static void assertIsReadAndWritten(String name, String base64) throws Exception {
        Psbt psbt = Psbt.parseBase64(base64);
        assertThat(psbt.toBase64()).as(name).isEqualTo(base64);
        assertThat(psbt.serialize())
                .as(name)
                .isEqualTo(Bytes.wrap(Base64.getDecoder().decode(base64)));
        Psbts.readAll(psbt);
        Psbt newer = psbt.asVersion2();
        assertThat(Psbt.parse(newer.serialize().toArray())).as(name).isEqualTo(newer);
        assertThat(newer.inputsWithoutPrevout()).isEqualTo(psbt.inputsWithoutPrevout());
    }
}
