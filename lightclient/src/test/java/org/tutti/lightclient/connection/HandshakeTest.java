package org.tutti.lightclient.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.lightclient.connection.DisconnectReason.Code;
import org.tutti.lightclient.connection.Handshake.Step;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.Verack;
import org.tutti.lightclient.wire.P2pMessage.Version;
import org.tutti.lightclient.wire.Services;

import java.util.List;

class HandshakeTest {
    private static final Version ALICE = version(1, Services.LIGHT_CLIENT, 70_016);
    private static final P2pMessage WTXID_RELAY = new P2pMessage.Unknown("wtxidrelay", Bytes.EMPTY);
    private static final Version BOB = version(2, Services.NEEDED, 70_016);

    private static Version version(long nonce, long services, int protocol) {
        return new Version(protocol, services, 0, nonce, "/test/", 0, true);
    }

    private static void refused(Step step, Code code) {
        assertThat(step)
                .isInstanceOfSatisfying(
                        Step.Refused.class, r -> assertThat(r.reason().code()).isEqualTo(code));
    }

    private static Handshake dialled() {
        return new Handshake(ALICE, true, Services.NEEDED);
    }

    @Test
    void theDiallerSpeaksFirstAndBothAreReadyAfterVerack() {
        Handshake alice = dialled();
        Handshake bob = new Handshake(BOB, false, 0);
        assertThat(alice.start()).containsExactly(ALICE);
        assertThat(bob.start()).isEmpty();
        assertThat(bob.on(ALICE))
                .isEqualTo(new Step.Continue(List.of(BOB, WTXID_RELAY, new Verack())));
        assertThat(alice.on(BOB)).isEqualTo(new Step.Continue(List.of(WTXID_RELAY, new Verack())));
        assertThat(alice.on(new Verack())).isEqualTo(new Step.Done(List.of(), BOB));
        assertThat(bob.on(new Verack())).isEqualTo(new Step.Done(List.of(), ALICE));
    }

    @Test
    void featuresAnnouncedBeforeVerackPassUnread() {
        Handshake alice = dialled();
        alice.on(BOB);
        assertThat(alice.on(new P2pMessage.Unknown("sendaddrv2", Bytes.EMPTY)))
                .isEqualTo(new Step.Continue(List.of()));
        assertThat(alice.on(new Verack())).isInstanceOf(Step.Done.class);
    }

    @Test
    void wtxidsAreForThoseWhoBothSayThemAndKnowThem() {
        Handshake both = dialled();
        both.on(BOB);
        assertThat(both.wtxidRelay()).as("not said yet").isFalse();
        both.on(WTXID_RELAY);
        assertThat(both.wtxidRelay()).isTrue();

        Handshake old = dialled();
        assertThat(old.on(version(2, Services.NEEDED, Handshake.WTXID_RELAY_PROTOCOL - 1)))
                .as("we do not say it to a peer that does not know it")
                .isEqualTo(new Step.Continue(List.of(new Verack())));
        old.on(WTXID_RELAY);
        assertThat(old.wtxidRelay()).isFalse();
    }

    @Test
    void ourOwnNonceMeansThatWeMetOurselves() {
        refused(dialled().on(version(1, Services.NEEDED, 70_016)), Code.SELF_CONNECTION);
    }

    @Test
    void aPeerThatIsTooOldOrServesTooLittleIsRefused() {
        refused(
                dialled().on(version(2, Services.NEEDED, Handshake.MIN_PROTOCOL - 1)),
                Code.OLD_PROTOCOL);
        refused(dialled().on(version(2, Services.NETWORK, 70_016)), Code.MISSING_SERVICES);
    }

    @Test
    void anythingOutOfOrderIsRefused() {
        refused(dialled().on(new Verack()), Code.HANDSHAKE_ORDER);
        refused(dialled().on(new P2pMessage.Ping(1)), Code.HANDSHAKE_ORDER);
        Handshake twice = dialled();
        twice.on(BOB);
        refused(twice.on(BOB), Code.HANDSHAKE_ORDER);
    }

    @Test
    void endlessFeaturesAreRefused() {
        Handshake alice = dialled();
        alice.on(BOB);
        Step last = new Step.Continue(List.of());
        for (int i = 0; i < Handshake.MAX_MESSAGES; i++) {
            last = alice.on(new P2pMessage.Unknown("feature", Bytes.EMPTY));
        }
        refused(last, Code.HANDSHAKE_ORDER);
    }
}
