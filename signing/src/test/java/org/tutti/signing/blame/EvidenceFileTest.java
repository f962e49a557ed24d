package org.tutti.signing.blame;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.pb.EvidencePb;

class EvidenceFileTest {
    private SignedAttempt attempt;
    private Evidence evidence;

    @BeforeEach
    void open() throws Exception {
        attempt = new SignedAttempt();
        evidence =
                attempt.evidence(
                        Evidence.Kind.BAD_PARTIAL, attempt.envelope(attempt.badPartials()));
    }

    @AfterEach
    void close() {
        attempt.close();
    }

    private Bytes file(java.util.function.UnaryOperator<EvidencePb.Builder> change)
            throws Exception {
        EvidencePb.Builder pb = EvidencePb.parseFrom(evidence.encode().toArray()).toBuilder();
        return Bytes.wrap(change.apply(pb).build().toByteArray());
    }

    @Test
    void everyKindIsEqualAfterEncodingAndDecoding() {
        for (Evidence.Kind kind : Evidence.Kind.values()) {
            Evidence any =
                    new Evidence(
                            kind,
                            2,
                            Bytes.fromHex("01"),
                            Bytes.fromHex("02"),
                            attempt.nonceEnvelopes(),
                            evidence.proof());
            assertThat(Evidence.decode(any.encode())).contains(any);
        }
    }

    @Test
    void fieldsOfTheFileHaveTheirDocumentedNumbers() {
        Evidence small =
                new Evidence(
                        Evidence.Kind.BAD_VIEW,
                        2,
                        Bytes.fromHex("aa"),
                        Bytes.fromHex("bb"),
                        java.util.List.of(Bytes.fromHex("cc")),
                        java.util.List.of(Bytes.fromHex("dd")));
        assertThat(small.encode().toHex())
                .isEqualTo("0802" + "1004" + "1802" + "2201aa" + "2a01bb" + "3201cc" + "3a01dd");
    }

    @Test
    void fileIsVerifiedWithoutAnythingElse() {
        assertThat(Evidence.verify(evidence.encode())).isInstanceOf(Verdict.Guilty.class);
    }

    @Test
    void otherVersionKindOrNegativeCulpritIsNotEvidence() throws Exception {
        assertThat(Evidence.decode(file(pb -> pb.setVersion(1)))).isEmpty();
        assertThat(Evidence.decode(file(pb -> pb.setKind(EvidencePb.Kind.EVIDENCE_UNSPECIFIED))))
                .isEmpty();
        assertThat(Evidence.decode(file(pb -> pb.setKindValue(6)))).isEmpty();
        assertThat(Evidence.decode(file(pb -> pb.setCulprit(-1)))).isEmpty();
        assertThat(Evidence.decode(Bytes.fromHex("ff"))).isEmpty();
        assertThat(Evidence.verify(Bytes.fromHex("ff")))
                .isEqualTo(new Verdict.NotProven("not an evidence file"));
    }

    @Test
    void fileAboveTheLimitIsNotRead() {
        assertThat(Evidence.decode(Bytes.wrap(new byte[Evidence.MAX_BYTES + 1]))).isEmpty();
    }
}
