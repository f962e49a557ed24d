package org.tutti.libp2p.multiaddr;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.multiformats.MultiformatException.Format;
import org.tutti.libp2p.multiformats.Varint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An address that names every protocol on the way, such as `/ip4/127.0.0.1/tcp/4001/p2p/12D3Koo…`
/// (multiformats/multiaddr). Immutable, equal by its bytes; may be empty only as the result of
/// [#decapsulate].
public final class Multiaddr {
    /// The longest address in bytes, and the longest text in characters. I2P destinations of 387
    /// bytes and more are the longest in use.
    public static final int MAX_LENGTH = 4096;

    /// The most components of one address.
    public static final int MAX_COMPONENTS = 64;

    private final Bytes bytes;
    private final List<Component> components;

    private Multiaddr(List<Component> components) {
        this.components = List.copyOf(components);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        this.components.forEach(component -> component.writeTo(out));
        this.bytes = Bytes.wrap(out.toByteArray());
        requireBounds(bytes.length());
        ValueCodec.require(
                components.size() <= MAX_COMPONENTS, "more than " + MAX_COMPONENTS + " components");
        for (int i = 0; i < components.size() - 1; i++) {
            // Its text would swallow what follows.
            ValueCodec.require(
                    !components.get(i).protocol.isPath(), "a path is the last component");
        }
    }

    /// One protocol with its value.
    ///
    /// @param value without its length prefix; empty if the protocol takes none
    public record Component(Protocol protocol, Bytes value) {
        public Component {
            int size = protocol.codec().size();
            ValueCodec.require(
                    size == ValueCodec.VARIABLE || size == value.length(),
                    "value of " + protocol.text() + " has " + value.length() + " bytes");
            protocol.codec().checker().accept(value);
        }

        /// The value as text, without slashes around it; empty if there is none.
        public String text() {
            return protocol.codec().printer().apply(value);
        }

        private void writeTo(ByteArrayOutputStream out) {
            out.writeBytes(Varint.encode(protocol.code()));
            if (protocol.codec().size() == ValueCodec.VARIABLE) {
                out.writeBytes(Varint.encode(value.length()));
            }
            out.writeBytes(value.toArray());
        }

        @Override
        public String toString() {
            String head = "/" + protocol.text();
            if (!protocol.hasValue()) {
                return head;
            }
            // A path brings its own slash.
            return protocol.isPath() ? head + text() : head + "/" + text();
        }
    }

    /// @throws MultiformatException unless the text is one or more known protocols with proper
    ///   values
    public static Multiaddr parse(String text) {
        requireBounds(text.length());
        ValueCodec.require(text.startsWith("/"), "an address starts with a slash");
        List<Component> components = new ArrayList<>();
        String rest = trimSlashes(text);
        ValueCodec.require(!rest.isEmpty(), "an address names a protocol");
        while (!rest.isEmpty()) {
            ValueCodec.require(
                    components.size() < MAX_COMPONENTS,
                    "more than " + MAX_COMPONENTS + " components");
            int slash = rest.indexOf('/', 1);
            String name = rest.substring(1, slash < 0 ? rest.length() : slash);
            String behind = slash < 0 ? "" : rest.substring(slash);
            Protocol protocol =
                    Protocol.named(name)
                            .orElseThrow(
                                    () -> malformed("unknown protocol \"" + clip(name) + "\""));
            int end = valueEnd(protocol, behind);
            components.add(component(protocol, behind.substring(0, end)));
            rest = behind.substring(end);
        }
        return new Multiaddr(components);
    }

    /// Where the value ends in `behind`, which is empty or starts with the slash before the value.
    private static int valueEnd(Protocol protocol, String behind) {
        if (!protocol.hasValue()) {
            return 0;
        }
        if (protocol.isPath()) {
            return behind.length();
        }
        int slash = behind.indexOf('/', 1);
        return slash < 0 ? behind.length() : slash;
    }

    private static Component component(Protocol protocol, String slashAndValue) {
        if (!protocol.hasValue()) {
            return new Component(protocol, Bytes.EMPTY);
        }
        ValueCodec.require(slashAndValue.length() > 1, protocol.text() + " needs a value");
        String text = protocol.isPath() ? slashAndValue : slashAndValue.substring(1);
        try {
            return new Component(protocol, Bytes.wrap(protocol.codec().parser().apply(text)));
        } catch (MultiformatException e) {
            throw malformed(protocol.text() + " \"" + clip(text) + "\": " + e.getMessage());
        }
    }

    /// @throws MultiformatException unless the bytes are one or more known protocols with proper
    ///   values
    public static Multiaddr fromBytes(byte[] bytes) {
        requireBounds(bytes.length);
        ValueCodec.require(bytes.length > 0, "an address names a protocol");
        ByteBuffer in = ByteBuffer.wrap(bytes);
        List<Component> components = new ArrayList<>();
        while (in.hasRemaining()) {
            ValueCodec.require(
                    components.size() < MAX_COMPONENTS,
                    "more than " + MAX_COMPONENTS + " components");
            long code = Varint.get(in);
            Protocol protocol =
                    Protocol.of(code).orElseThrow(() -> malformed("unknown protocol " + code));
            int fixed = protocol.codec().size();
            long size = fixed == ValueCodec.VARIABLE ? Varint.get(in) : fixed;
            ValueCodec.require(size <= in.remaining(), protocol.text() + " is cut short");
            byte[] value = new byte[(int) size];
            in.get(value);
            components.add(new Component(protocol, Bytes.wrap(value)));
        }
        return new Multiaddr(components);
    }

    /// Nothing where [#fromBytes] would throw: what peers tell us about others may name protocols
    /// that we do not know.
    public static Optional<Multiaddr> tryFromBytes(byte[] bytes) {
        try {
            return Optional.of(fromBytes(bytes));
        } catch (MultiformatException e) {
            return Optional.empty();
        }
    }

    /// An address of these components.
    ///
    /// @throws MultiformatException if there are none, or too many
    public static Multiaddr of(Component... components) {
        ValueCodec.require(components.length > 0, "an address names a protocol");
        return new Multiaddr(List.of(components));
    }

    /// The binary form, a fresh array.
    public byte[] toBytes() {
        return bytes.toArray();
    }

    /// Its protocols with their values, in order.
    public List<Component> components() {
        return components;
    }

    /// The first component of this protocol.
    public Optional<Component> component(Protocol protocol) {
        return components.stream().filter(c -> c.protocol() == protocol).findFirst();
    }

    /// Whether one of its components names this protocol.
    public boolean has(Protocol protocol) {
        return component(protocol).isPresent();
    }

    /// The peer at the end of the way: the last `/p2p` component, if it is a valid peer id. Through
    /// a relay (`…/p2p/RELAY/p2p-circuit/p2p/TARGET`) that is the target, and without a target
    /// there is none.
    public Optional<PeerId> peerId() {
        if (components.isEmpty() || components.getLast().protocol() != Protocol.P2P) {
            return Optional.empty();
        }
        try {
            return Optional.of(new PeerId(components.getLast().value()));
        } catch (MultiformatException e) {
            return Optional.empty();
        }
    }

    /// This address and then `inner`.
    public Multiaddr encapsulate(Multiaddr inner) {
        List<Component> all = new ArrayList<>(components);
        all.addAll(inner.components);
        return new Multiaddr(all);
    }

    /// This address up to, and without, the last component of `protocol`; the whole if there is
    /// none.
    public Multiaddr decapsulate(Protocol protocol) {
        for (int i = components.size() - 1; i >= 0; i--) {
            if (components.get(i).protocol() == protocol) {
                return new Multiaddr(components.subList(0, i));
            }
        }
        return this;
    }

    /// This address with `/p2p/peer` at its end, in place of one that is there.
    public Multiaddr withPeerId(PeerId peer) {
        List<Component> all = new ArrayList<>(withoutPeerId().components);
        all.add(new Component(Protocol.P2P, peer.multihash()));
        return new Multiaddr(all);
    }

    /// This address without the `/p2p` component at its end, if it has one.
    public Multiaddr withoutPeerId() {
        boolean named = !components.isEmpty() && components.getLast().protocol() == Protocol.P2P;
        return named ? new Multiaddr(components.subList(0, components.size() - 1)) : this;
    }

    public boolean isEmpty() {
        return components.isEmpty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Multiaddr address && bytes.equals(address.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.hashCode();
    }

    /// The text form, which [#parse] reads back to an equal address.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        components.forEach(text::append);
        return text.toString();
    }

    /// go and js accept slashes at the end.
    private static String trimSlashes(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '/') {
            end--;
        }
        return text.substring(0, end);
    }

    /// What a peer sent goes into messages only in part, and without control characters.
    private static String clip(String text) {
        String head = text.length() <= 64 ? text : text.substring(0, 64) + "…";
        return head.replaceAll("\\p{Cntrl}", "?");
    }

    private static void requireBounds(int length) {
        ValueCodec.require(
                length <= MAX_LENGTH, "address of " + length + " bytes, at most " + MAX_LENGTH);
    }

    private static MultiformatException malformed(String message) {
        return new MultiformatException(Format.MULTIADDR, message);
    }
}
