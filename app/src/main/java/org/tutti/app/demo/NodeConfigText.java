package org.tutti.app.demo;

import java.util.List;
import java.util.Locale;

/// The configuration file that the demo gives every node: public values only.
final class NodeConfigText {
    /// Largest payment the demo's nodes sign: two block rewards.
    static final long MAX_AMOUNT_SAT = 10_000_000_000L;

    /// Largest fee the demo's nodes sign.
    static final long MAX_FEE_SAT = 100_000;

    /// What everyone may know about a member.
    record MemberLine(String peerId, String signingKey, String address) {}

    private NodeConfigText() {}

    static String of(
            String data,
            String listen,
            String bitcoinPeer,
            String destination,
            List<MemberLine> members) {
        StringBuilder toml = new StringBuilder();
        toml.append(
                String.format(
                        Locale.ROOT,
                        """
                        data = "%s"
                        listen = "%s"
                        network = "regtest"
                        birthday = 0

                        [bitcoin]
                        peers = ["%s"]

                        [policy]
                        max_amount_sat = %d
                        max_fee_sat = %d
                        destinations = ["%s"]
                        """,
                        data,
                        listen,
                        bitcoinPeer,
                        MAX_AMOUNT_SAT,
                        MAX_FEE_SAT,
                        destination));
        for (MemberLine member : members) {
            toml.append(
                    String.format(
                            Locale.ROOT,
                            """

                            [[members]]
                            peer_id = "%s"
                            signing_key = "%s"
                            address = "%s"
                            """,
                            member.peerId(),
                            member.signingKey(),
                            member.address()));
        }
        return toml.toString();
    }

    /// Of a node without a group, which becomes a member of one when its operator says so.
    ///
    /// @param bootstrap a server of the DHT
    /// @param nickname that it advertises
    static String ofStrangers(
            String data,
            String bitcoinPeer,
            String destination,
            String bootstrap,
            String nickname) {
        return String.format(
                Locale.ROOT,
                """
                data = "%s"
                listen = "/ip4/127.0.0.1/tcp/0"
                network = "regtest"

                [bitcoin]
                peers = ["%s"]

                [dht]
                bootstrap = ["%s"]

                [policy]
                max_amount_sat = %d
                max_fee_sat = %d
                destinations = ["%s"]

                [requests]
                mode = "ask"

                [requests.advertise]
                types = ["custody"]
                nickname = "%s"
                """,
                data,
                bitcoinPeer,
                bootstrap,
                MAX_AMOUNT_SAT,
                MAX_FEE_SAT,
                destination,
                nickname);
    }

    /// Of a node without a group, which joins what its rules allow.
    ///
    /// @param bootstrap servers of the DHT
    static String ofRequests(
            String data, String bitcoinPeer, String destination, List<String> bootstrap) {
        return String.format(
                Locale.ROOT,
                """
                data = "%s"
                listen = "/ip4/127.0.0.1/tcp/0"
                network = "regtest"
                birthday = 0

                [bitcoin]
                peers = ["%s"]

                [dht]
                bootstrap = ["%s"]

                [requests]
                mode = "rules"
                max_amount_sat = %d
                max_fee_sat = %d
                destinations = ["%s"]
                """,
                data,
                bitcoinPeer,
                String.join("\", \"", bootstrap),
                MAX_AMOUNT_SAT,
                MAX_FEE_SAT,
                destination);
    }
}
