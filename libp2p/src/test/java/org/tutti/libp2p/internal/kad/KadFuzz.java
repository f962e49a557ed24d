package org.tutti.libp2p.internal.kad;

import org.tutti.base.Bytes;

import java.util.ArrayList;
import java.util.List;

/// Messages of strangers: the first byte says as what the rest is read. What is read has bounds,
/// and what is read and written again is read as the same.
public final class KadFuzz {
    private static final Bytes KEY = Bytes.fromHex("2f762f68656c6c6f");

    private KadFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] message = java.util.Arrays.copyOfRange(input, 1, input.length);
        List<Request> requests = KadCodecTest.requests();
        int kind = (input[0] & 0xff) % (requests.size() + 1);
        try {
            if (kind == requests.size()) {
                request(message);
            } else {
                response(requests.get(kind), message);
            }
        } catch (KadFormatException e) {
            // As it should be.
        }
    }

    private static void request(byte[] message) throws KadFormatException {
        Request request = KadCodec.decodeRequest(message);
        if (request instanceof Request.AddProvider add) {
            bounded(add.providers());
        }
        require(request.key().length() <= message.length, "a key longer than what came");
        byte[] written = KadCodec.encode(request);
        Request again = KadCodec.decodeRequest(written);
        require(again.key().equals(request.key()), "another key");
        require(again.getClass() == request.getClass(), "another request");
    }

    private static void response(Request to, byte[] message) throws KadFormatException {
        Response response = KadCodec.decodeResponse(to, message);
        bounded(response.closer());
        if (response instanceof Response.Providers providers) {
            bounded(providers.providers());
        }
        byte[] written = KadCodec.encode(to, response);
        Response again = KadCodec.decodeResponse(to, written);
        require(again.closer().size() <= response.closer().size(), "more peers");
    }

    private static void bounded(List<Contact> contacts) {
        require(contacts.size() <= KadCodec.MAX_PEERS, "too many peers");
        for (Contact contact : contacts) {
            require(contact.addresses().size() <= Contact.MAX_ADDRESSES, "too many addresses");
        }
    }

    static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        List<Request> requests = KadCodecTest.requests();
        for (int kind = 0; kind < requests.size(); kind++) {
            Request request = requests.get(kind);
            seeds.add(framed(requests.size(), KadCodec.encode(request)));
            seeds.add(framed(kind, KadCodec.encode(request, KadCodecTest.response(request))));
        }
        return seeds;
    }

    private static byte[] framed(int kind, byte[] message) {
        return Bytes.concat(Bytes.wrap(new byte[] {(byte) kind}), Bytes.wrap(message)).toArray();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
