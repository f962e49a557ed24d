package org.tutti.libp2p.multiaddr;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The protocols that a multiaddr may name: code, name and the shape of the value
/// (multiformats/multiaddr protocols.csv).
///
/// One deviation from the table, with go and rust: the value of `memory` is a 64-bit number.
@SuppressWarnings("ImmutableEnumChecker") // a codec is three pure functions
public enum Protocol {
    IP4(4, "ip4", ValueCodec.IP4),
    TCP(6, "tcp", ValueCodec.PORT),
    UDP(273, "udp", ValueCodec.PORT),
    DCCP(33, "dccp", ValueCodec.PORT),
    IP6(41, "ip6", ValueCodec.IP6),
    IP6ZONE(42, "ip6zone", ValueCodec.NAME),
    IPCIDR(43, "ipcidr", ValueCodec.BYTE),
    DNS(53, "dns", ValueCodec.NAME),
    DNS4(54, "dns4", ValueCodec.NAME),
    DNS6(55, "dns6", ValueCodec.NAME),
    DNSADDR(56, "dnsaddr", ValueCodec.NAME),
    SCTP(132, "sctp", ValueCodec.PORT),
    UDT(301, "udt", ValueCodec.NONE),
    UTP(302, "utp", ValueCodec.NONE),
    UNIX(400, "unix", ValueCodec.PATH),
    P2P(421, "p2p", ValueCodec.PEER),
    ONION(444, "onion", ValueCodec.ONION),
    ONION3(445, "onion3", ValueCodec.ONION3),
    GARLIC64(446, "garlic64", ValueCodec.GARLIC64),
    GARLIC32(447, "garlic32", ValueCodec.GARLIC32),
    TLS(448, "tls", ValueCodec.NONE),
    SNI(449, "sni", ValueCodec.NAME),
    NOISE(454, "noise", ValueCodec.NONE),
    QUIC(460, "quic", ValueCodec.NONE),
    QUIC_V1(461, "quic-v1", ValueCodec.NONE),
    WEBTRANSPORT(465, "webtransport", ValueCodec.NONE),
    CERTHASH(466, "certhash", ValueCodec.CERTHASH),
    HTTP(480, "http", ValueCodec.NONE),
    HTTP_PATH(481, "http-path", ValueCodec.HTTP_PATH),
    HTTPS(443, "https", ValueCodec.NONE),
    WS(477, "ws", ValueCodec.NONE),
    WSS(478, "wss", ValueCodec.NONE),
    P2P_WEBSOCKET_STAR(479, "p2p-websocket-star", ValueCodec.NONE),
    P2P_STARDUST(277, "p2p-stardust", ValueCodec.NONE),
    P2P_WEBRTC_STAR(275, "p2p-webrtc-star", ValueCodec.NONE),
    P2P_WEBRTC_DIRECT(276, "p2p-webrtc-direct", ValueCodec.NONE),
    WEBRTC_DIRECT(280, "webrtc-direct", ValueCodec.NONE),
    WEBRTC(281, "webrtc", ValueCodec.NONE),
    P2P_CIRCUIT(290, "p2p-circuit", ValueCodec.NONE),
    MEMORY(777, "memory", ValueCodec.NUMBER),
    /// In the multicodec table and in go only.
    PLAINTEXTV2(0x706c61, "plaintextv2", ValueCodec.NONE);

    /// The older name of [#P2P], read and never written.
    private static final String IPFS = "ipfs";

    private static final Map<Integer, Protocol> BY_CODE =
            Arrays.stream(values())
                    .collect(Collectors.toUnmodifiableMap(Protocol::code, Function.identity()));

    private static final Map<String, Protocol> BY_NAME =
            Stream.concat(
                            Arrays.stream(values()).map(p -> Map.entry(p.text, p)),
                            Stream.of(Map.entry(IPFS, P2P)))
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    private final int code;
    private final String text;
    private final ValueCodec codec;

    Protocol(int code, String text, ValueCodec codec) {
        this.code = code;
        this.text = text;
        this.codec = codec;
    }

    /// The code in the table.
    public int code() {
        return code;
    }

    /// The name in the table, such as `quic-v1`.
    public String text() {
        return text;
    }

    /// Whether a value follows.
    public boolean hasValue() {
        return codec.size() != 0;
    }

    /// Whether the value is the whole rest of the text, slashes included.
    boolean isPath() {
        return this == UNIX;
    }

    ValueCodec codec() {
        return codec;
    }

    /// The protocol with this code in the table.
    public static Optional<Protocol> of(long code) {
        return code == (int) code ? Optional.ofNullable(BY_CODE.get((int) code)) : Optional.empty();
    }

    /// The protocol with this name in text, such as `tcp`.
    public static Optional<Protocol> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }
}
