package org.tutti.libp2p.mdns;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A link in memory: everybody hears everybody, and itself.
final class MemoryMdnsLink {
    private final List<End> ends = new CopyOnWriteArrayList<>();

    /// One machine's interface.
    MdnsLink connect(String address) {
        InetAddress literal = InetAddress.ofLiteral(address);
        return new End(new MdnsSource(literal, literal.isLoopbackAddress()));
    }

    private final class End implements MdnsLink {
        private final MdnsSource source;
        private volatile Receiver receiver = (_, _) -> {};

        End(MdnsSource source) {
            this.source = source;
        }

        @Override
        public void open(Receiver newReceiver) {
            receiver = newReceiver;
            ends.add(this);
        }

        @Override
        public void refresh() {}

        @Override
        public void send(byte[] packet) {
            ends.forEach(end -> end.receiver.receive(packet.clone(), source));
        }

        @Override
        public void close() {
            ends.remove(this);
        }
    }
}
